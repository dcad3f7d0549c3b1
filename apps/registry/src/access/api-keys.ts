import { permanent, temporary } from '#errors';
import type { EntityManager } from 'typeorm';
import { idOfKey, isKeyOf, type KeyReach, mintKey, reachOf, type WantedKey } from '../domain/api-key.js';
import { identityOf, type SignInRules } from '../domain/claims.js';
import { type Identity, isKnownToProvider } from '#access';
import type { TokenReader } from '../http/authentication.js';
import type { ApiKeyStore, StoredKey } from '../storage/api-key.store.js';
import type { AuditStore } from '../storage/audit.store.js';
import { ShortMemory } from './short-memory.js';

const memoryMs = 1_000;

/** `rules` say what a key's maker may now: the key may no more than they. */
export interface ApiKeysOptions {
  readonly store: ApiKeyStore;
  readonly audit: AuditStore;
  readonly rules: SignInRules;
}

/** A key, and what of it counts as long as its maker may what they may now. */
interface KeyInUse {
  readonly key: StoredKey;
  /** Undefined: its maker may not come in any more. */
  readonly reach: KeyReach | undefined;
}

/** API keys: who one stands for, and making and revoking them. */
export class ApiKeys implements TokenReader {
  private readonly memory: ShortMemory<KeyInUse | undefined>;
  private readonly store: ApiKeyStore;
  private readonly audit: AuditStore;
  private used = new Map<string, Date>();

  constructor(private readonly options: ApiKeysOptions) {
    this.store = options.store;
    this.audit = options.audit;
    this.memory = new ShortMemory((id) => this.load(id), memoryMs);
  }

  reads(token: string): boolean {
    return idOfKey(token) !== undefined;
  }

  async identify(token: string): Promise<Identity> {
    const id = idOfKey(token);
    const found = id === undefined ? undefined : await this.find(id);
    if (!found || !isKeyOf(found.key.hash, token))
      throw refused('access.unknown_token', 'the API key is not known');
    return this.identityOf(found);
  }

  /** Who the key with this id stands for, while it counts. */
  async identifyId(id: string): Promise<Identity> {
    const found = await this.find(id);
    if (!found) throw refused('access.unknown_token', 'the API key is not known');
    return this.identityOf(found);
  }

  /** The key is in the answer and nowhere else. `manager` is of the caller's transaction, where there is one. */
  async make(
    wanted: WantedKey & { readonly name: string },
    by: Identity,
    manager?: EntityManager,
  ): Promise<{ readonly key: string; readonly stored: StoredKey }> {
    const { id, hash, key } = mintKey();
    const { name, role, onlyProjects, expiresIn } = wanted;
    const expiresAt = new Date(Date.now() + expiresIn);
    const createdByGroups = isKnownToProvider(by) ? by.groups : undefined;
    const who = { createdBy: by.name, createdBySubject: by.subject, createdByGroups };
    const work = async (within: EntityManager): Promise<StoredKey> => {
      await this.record(within, by, 'created', { id, name });
      return this.store.add({ id, hash, name, role, onlyProjects, expiresAt, ...who }, within);
    };
    return { key, stored: await (manager ? work(manager) : this.store.transaction(work)) };
  }

  async revoke(key: StoredKey, by: Identity): Promise<void> {
    await this.store.transaction(async (manager) => {
      await this.store.revoke(manager, key.id, by.name);
      await this.record(manager, by, 'revoked', key);
    });
    this.memory.forget(key.id);
  }

  /** Writes down what was used since the last time: one statement, not one for each request. */
  async noteUse(): Promise<void> {
    const times = this.used;
    if (times.size === 0) return;
    this.used = new Map();
    await this.store.used(times);
  }

  private record(
    manager: EntityManager,
    by: Identity,
    action: string,
    { id, name }: { readonly id: string; readonly name: string },
  ): Promise<void> {
    const author = { by: by.name, via: by.via };
    return this.audit.record(manager, { author, action, kind: 'api_key', name: id, detail: name });
  }

  private async find(id: string): Promise<KeyInUse | undefined> {
    try {
      return await this.memory.get(id);
    } catch (cause) {
      throw temporary('database.unavailable', 'the key cannot be looked up now', { cause });
    }
  }

  private async load(id: string): Promise<KeyInUse | undefined> {
    const key = await this.store.find(id);
    const person = key && (await this.store.makerOf(key));
    if (!key || !person) return key && { key, reach: key };
    const maker = identityOf(person, 'session', this.options.rules);
    const projects = maker ? await this.store.ownersOf(key.onlyProjects ?? []) : [];
    return { key, reach: maker && reachOf(key, maker, projects) };
  }

  private identityOf({ key, reach }: KeyInUse): Identity {
    const now = new Date();
    if (key.revokedAt) throw refused('access.revoked_token', 'the API key has been revoked');
    if (key.expiresAt <= now)
      throw refused('access.expired_token', `the API key expired at ${key.expiresAt.toISOString()}`);
    if (!reach)
      throw refused(
        'access.revoked_token',
        `${key.createdBy}, who made the API key, may not come in any more`,
      );
    this.used.set(key.id, now);
    const { id, name } = key;
    const { role, onlyProjects } = reach;
    return {
      subject: `key:${id}`,
      name,
      via: 'api-key',
      role,
      groups: [],
      ...(onlyProjects && { onlyProjects }),
    };
  }
}

const refused = (code: string, message: string): Error => permanent(code, message, { level: 'info' });
