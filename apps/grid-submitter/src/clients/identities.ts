import type { BackendSettings } from '#contracts';
import { toAppError } from '#errors';
import type { GridIdentity } from '#grid';
import type { Configured } from '../configured.js';

/** `identity`: absent where it is the backend's own. `problem`: why it cannot be used now, for people. */
export type Found = { readonly identity: GridIdentity | undefined } | { readonly problem: string };

/** Under whose name things are done in batch systems: by what is configured at that moment. */
export class Identities {
  constructor(private readonly configured: Configured) {}

  /** The identity of a mapping; without one the backend's own. */
  of(mapping: string | undefined): Found {
    if (mapping === undefined) return { identity: undefined };
    const found = this.configured.identityMappings.find(({ name }) => name === mapping);
    if (!found) return { problem: `the identity mapping ${mapping} is gone` };
    return this.usable(found.name, found.credential, found.account);
  }

  /** What Slipway itself signs in with at a backend. */
  own({ name, credential }: BackendSettings): GridIdentity | undefined {
    return credential === undefined ? undefined : this.identity(`backend ${name}`, credential, undefined);
  }

  private usable(name: string, credential: string, account: string | undefined): Found {
    const identity = this.identity(name, credential, account);
    if (!identity) return { problem: `the credential ${credential} of the identity mapping ${name} is gone` };
    try {
      identity.secret();
      return { identity };
    } catch (thrown) {
      return { problem: toAppError(thrown).message };
    }
  }

  private identity(name: string, credential: string, account: string | undefined): GridIdentity | undefined {
    const known = this.configured.credential(credential);
    if (!known) return undefined;
    const { type, username } = known;
    return {
      name,
      account,
      type,
      username,
      secret: () => this.configured.secretOf(credential, `grid, ${name}`),
    };
  }
}
