import { credentialResource } from '#contracts';
import { toAppError } from '#errors';
import type { KeyRing } from '#secrets';
import type { DataSource } from 'typeorm';
import type { ResourceChanges } from '../changes/resource-changes.js';
import { purposeOf } from '../credentials/credential-secrets.js';
import type { Identity } from '#access';
import type { ResourceStore } from '../storage/resource.store.js';
import { secretsOf } from '../storage/secret.store.js';

/** The parts of a registry that need no broker: what is announced waits in the outbox for the service. */
export interface ResealParts {
  readonly dataSource: DataSource;
  readonly changes: ResourceChanges;
  readonly store: ResourceStore;
  readonly ring: KeyRing;
}

/** What the command tells; its exit code is not 0 where any failed. */
export interface ResealOutcome {
  /** Credentials whose secrets were sealed anew. */
  readonly resealed: number;
  /** Credentials whose secrets could not be opened, with the reason. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
}

const operator: Identity = {
  subject: 'command:reseal',
  name: 'reseal',
  via: 'command',
  role: 'admin',
  groups: [],
};

/**
 * Seals every secret under the first key of the ring, one credential per transaction, and announces each, so that the
 * copies of other services have the new sealing too. May run beside the service and itself, and again after a stop.
 */
export async function reseal(parts: ResealParts): Promise<ResealOutcome> {
  const failed: { name: string; reason: string }[] = [];
  let resealed = 0;
  for (const name of await namesOfCredentials(parts.dataSource)) {
    try {
      if (await resealOne(parts, name)) resealed += 1;
    } catch (error) {
      const { code, message } = toAppError(error);
      if (!code.startsWith('secrets.')) throw error;
      failed.push({ name, reason: message });
    }
  }
  return { resealed, failed };
}

function resealOne({ changes, store, ring }: ResealParts, name: string): Promise<boolean> {
  return changes.transaction(async (manager) => {
    await store.lock(manager);
    const current = await store.current('credential', name, manager);
    if (!current) return false;
    const old = (await secretsOf(manager, current.id)).filter(
      ({ sealed }) => sealed !== null && !ring.isCurrent(sealed),
    );
    if (old.length === 0) return false;
    const purpose = purposeOf(current.id);
    await changes.touch(
      manager,
      operator,
      { resource: credentialResource, name, action: 'resealed' },
      async () => {
        for (const { id, sealed } of old) {
          const anew = ring.seal(ring.unseal(sealed ?? '', purpose), purpose);
          await manager.query('update credential_secret set sealed = $2 where id = $1', [id, anew]);
        }
      },
    );
    return true;
  });
}

async function namesOfCredentials(dataSource: DataSource): Promise<readonly string[]> {
  const rows = await dataSource.query<{ readonly name: string }[]>(
    `select name from resource_version where kind = 'credential' and valid_to is null and not gone order by name`,
  );
  return rows.map(({ name }) => name);
}
