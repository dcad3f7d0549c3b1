import { permanent } from '#errors';
import type { KeyRing } from '#secrets';
import type { DataSource } from 'typeorm';
import { purposeOf } from '../credentials/credential-secrets.js';
import { signingKey } from '../domain/standard-webhook.js';
import type { ResourceStore } from '../storage/resource.store.js';
import { secretsOf } from '../storage/secret.store.js';

/** What is signed with. */
export interface SigningKey {
  readonly id: string;
  readonly key: Buffer;
}

/** What subscriptions sign with. */
export class SigningKeys {
  constructor(
    private readonly dataSource: DataSource,
    private readonly store: ResourceStore,
    private readonly ring: KeyRing,
  ) {}

  /**
   * The keys of a credential that count now, the newest first; several while it is rotated.
   *
   * @throws permanent `subscription.no_key`, `secrets.unknown_key`, `secrets.damaged`
   */
  async of(credential: string): Promise<readonly SigningKey[]> {
    const stored = await this.store.current('credential', credential);
    const secrets = stored ? await secretsOf(this.dataSource.manager, stored.id) : [];
    const keys = secrets.flatMap(({ id, sealed, credentialId }) => {
      const key = sealed === null ? undefined : signingKey(this.ring.unseal(sealed, purposeOf(credentialId)));
      return key ? [{ id, key }] : [];
    });
    if (keys.length > 0) return keys;
    const message = `the credential ${credential} holds no secret to sign with: whsec_ and 24 to 64 bytes in base64`;
    throw permanent('subscription.no_key', message, { level: 'info' });
  }
}
