import { subscriptionResource, type SubscriptionSettings } from '#contracts';
import { permanent } from '#errors';
import type { KeyRing } from '#secrets';
import type { DataSource } from 'typeorm';
import { announce } from '../changes/announce.js';
import { purposeOf } from '../credentials/credential-secrets.js';
import { eventMatcher } from '../domain/event-patterns.js';
import type { AuditStore } from '../storage/audit.store.js';
import { listResources } from '../storage/resource-list.js';
import type { ResourceStore } from '../storage/resource.store.js';
import { secretsOf } from '../storage/secret.store.js';

const mostSubscriptions = 10_000;
const registryItself = { by: 'registry', via: 'itself' };

export interface KnownSubscriptionsParts {
  readonly dataSource: DataSource;
  readonly store: ResourceStore;
  readonly audit: AuditStore;
  readonly ring: KeyRing;
  /** Something was written to the outbox. */
  readonly said: () => void;
}

/** The subscriptions as they are now. */
export class KnownSubscriptions {
  constructor(private readonly parts: KnownSubscriptionsParts) {}

  /** Names of those that want an event of this name. */
  async wanting(event: string): Promise<readonly string[]> {
    const stored = await listResources(this.parts.dataSource, {
      kind: 'subscription',
      limit: mostSubscriptions,
    });
    return stored
      .map(({ spec }) => subscriptionResource.schema.parse(spec))
      .filter(({ isPaused, events }) => !isPaused && eventMatcher(events)(event))
      .map(({ name }) => name);
  }

  /** Undefined when it is gone or paused. */
  async active(name: string): Promise<SubscriptionSettings | undefined> {
    const stored = await this.parts.store.current('subscription', name);
    const settings = stored && subscriptionResource.schema.parse(stored.spec);
    return settings?.isPaused === true ? undefined : settings;
  }

  /** The newest secret of its credential. @throws permanent `subscription.no_secret`, `secrets.*` */
  async secretOf({ credential }: SubscriptionSettings): Promise<string> {
    const stored = await this.parts.store.current('credential', credential);
    const [newest] = stored ? await secretsOf(this.parts.dataSource.manager, stored.id) : [];
    if (stored && newest?.sealed != null) return this.parts.ring.unseal(newest.sealed, purposeOf(stored.id));
    throw permanent('subscription.no_secret', `the credential "${credential}" has no secret that counts`);
  }

  /** The receiver says that it wants no more (410). */
  async pause(name: string): Promise<void> {
    const { dataSource, store, audit } = this.parts;
    await dataSource.transaction(async (manager) => {
      await store.lock(manager);
      const current = await store.current('subscription', name, manager);
      if (!current) return;
      const spec = { ...(current.spec as object), isPaused: true };
      const parsed = subscriptionResource.schema.parse(spec);
      const stored = await store.write(manager, {
        kind: 'subscription',
        name,
        spec,
        project: current.project,
        refersTo: subscriptionResource.references(parsed).map((to) => `${to.kind}/${to.name}`),
        expected: 'something',
        author: registryItself,
      });
      await announce(manager, stored);
      await audit.record(manager, {
        author: registryItself,
        action: 'paused',
        kind: 'subscription',
        name,
        project: stored.project,
        version: stored.version,
        fields: ['isPaused'],
        detail: 'its receiver answered 410: gone',
      });
    });
    this.parts.said();
  }
}
