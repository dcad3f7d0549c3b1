import { permanent } from '#errors';
import type { EntityManager } from 'typeorm';
import { bootstrapId, hashOfKey, idOfKey, isKeyOf, mintKey } from '../domain/api-key.js';
import type { Identity } from '#access';
import type { TokenReader } from '../http/authentication.js';
import type { ApiKeyStore } from '../storage/api-key.store.js';
import type { BootstrapKeyStore, StoredBootstrapKey } from '../storage/bootstrap-key.store.js';

/** What decides whether a bootstrap key is made at the start, and where it goes. */
export interface BootstrapOptions {
  readonly keys: ApiKeyStore;
  readonly store: BootstrapKeyStore;
  /** Whether the settings make somebody an admin already. */
  readonly hasAdmins: boolean;
  /** The key, where the settings give one. */
  readonly given?: string | undefined;
  /** Shows a key that was made to whoever started the service. */
  readonly show: (key: string, expiresAt: Date) => void;
}

const lifetimeMs = 24 * 3_600_000;

/** Who holds the bootstrap key. */
const bootstrapIdentity: Identity = {
  subject: 'bootstrap',
  name: 'bootstrap',
  via: 'bootstrap',
  role: 'admin',
  groups: [],
};

/**
 * The one-time key that makes the first admin. It opens nothing but the two doors where it is exchanged, for an API key
 * or for a session of the page, and is used up by the first exchange.
 */
export class Bootstrap implements TokenReader {
  constructor(private readonly options: BootstrapOptions) {}

  /**
   * Makes a key and shows it, where nobody is an admin and no key waits to be used. One that nobody used for a day is
   * made anew at the next start, so that a lost line of output locks nobody out.
   */
  async prepare(): Promise<void> {
    const { hasAdmins, given, store, keys, show } = this.options;
    if (hasAdmins && given === undefined) return;
    await store.alone(async (manager) => {
      const stored = await store.find(manager);
      if (given === undefined && stored && isAlive(stored)) return;
      if (given !== undefined && stored && isKeyOf(stored.hash, given)) return;
      if (await keys.hasAdmin(manager)) return;
      const { key, hash } =
        given === undefined ? mintKey(bootstrapId) : { key: given, hash: hashOfKey(given) };
      const expiresAt = new Date(Date.now() + lifetimeMs);
      await store.replace(manager, hash, expiresAt);
      // Before the commit: a key that was shown and does not count is made anew, one that was never shown is lost.
      if (given === undefined) show(key, expiresAt);
    });
  }

  reads(token: string): boolean {
    return idOfKey(token) === bootstrapId;
  }

  async identify(token: string): Promise<Identity> {
    const stored = await this.options.store.find();
    if (stored && isKeyOf(stored.hash, token) && isAlive(stored)) return bootstrapIdentity;
    throw spent();
  }

  /**
   * Uses the key up and does what it is exchanged for, both or neither.
   * @throws AppError `access.spent_key` (permanent) where it does not count, or not any more
   */
  async exchange<T>(token: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const { store } = this.options;
    return store.alone(async (manager) => {
      if (!(await store.use(manager, hashOfKey(token)))) throw spent();
      return work(manager);
    });
  }
}

const isAlive = ({ usedAt, expiresAt }: StoredBootstrapKey): boolean => !usedAt && expiresAt > new Date();

const spent = (): Error =>
  permanent('access.spent_key', 'this bootstrap key is not known, has been used or has expired', {
    level: 'info',
  });
