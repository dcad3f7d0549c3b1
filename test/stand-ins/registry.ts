import { randomUUID } from 'node:crypto';
import { connectBus, policy, silentLogger, type Bus } from '#bus';
import {
  messages,
  queues,
  registryCatchUp,
  registrySnapshot,
  type PayloadOf,
  type ResourceKind,
} from '#contracts';
import { newKeyRing } from '#embedded';
import { openKeyRing, type KeyRing } from '#secrets';

type Item = PayloadOf<typeof registrySnapshot>['items'][number];

/** A key ring as SLIPWAY_KEY_RING has it: the stand-in seals with it, services under test unseal. */
export const keyRingText = newKeyRing('test');

/** How it answers those who ask what they missed; `ring` where the test has one of its own. */
export interface StandInOptions {
  /** Items in one page of an answer. */
  readonly pageSize?: number;
  readonly ring?: KeyRing;
}

/** What changes a resource, beside its specification. */
export interface Told {
  /** False: the change is made, and nobody is told. */
  readonly isAnnounced?: boolean;
  readonly secrets?: readonly { readonly secret: string; readonly validUntil?: string }[];
}

/**
 * A registry without database and API: keeps resources in memory, announces their changes on a real broker, and answers
 * those who ask what they missed.
 */
export class StandInRegistry {
  revision = 0;
  private latest = new Map<string, Item>();
  private bus: Bus | undefined;
  /** What copies asked for: the revisions that they named. */
  readonly asked: number[] = [];

  constructor(
    private readonly url: string,
    private readonly options: StandInOptions = {},
  ) {}

  /** Comes to the bus. Resolves when it hears. */
  async start(): Promise<void> {
    this.bus = connectBus({ url: this.url, service: 'registry', logger: silentLogger });
    await this.bus.started();
    this.bus.consume(queues.registryCatchUps, [
      {
        message: registryCatchUp,
        policy: policy(),
        handle: (question) => this.answer(question as PayloadOf<typeof registryCatchUp>),
      },
    ]);
  }

  async stop(): Promise<void> {
    await this.bus?.close();
    this.bus = undefined;
  }

  /** Makes or changes a resource; without specification it is removed. */
  async change(kind: ResourceKind, name: string, spec?: object, told: Told = {}): Promise<Item> {
    const before = this.latest.get(`${kind}/${name}`);
    const id = before && !before.gone ? before.id : randomUUID();
    const ring = this.options.ring ?? openKeyRing(keyRingText);
    const secrets = told.secrets?.map(({ secret, ...rest }) => ({
      id: randomUUID(),
      sealed: ring.seal(secret, `credential/${id}`),
      fingerprint: 'f',
      ...rest,
    }));
    const item: Item = {
      kind,
      id,
      name,
      version: (before?.version ?? 0) + 1,
      revision: ++this.revision,
      at: new Date().toISOString(),
      by: 'a test',
      gone: spec === undefined,
      ...(spec && { spec }),
      ...(secrets && { secrets }),
    };
    this.latest.set(`${kind}/${name}`, item);
    if (told.isAnnounced ?? true) await this.announce(item);
    return item;
  }

  /** Says that a change was made, once more or late. */
  async announce({ kind, ...payload }: Item): Promise<void> {
    const message = messages.find(({ name }) => name === `${kind}.changed`);
    if (message) await this.bus?.publish(message, payload);
  }

  /** Puts in what this version's contracts do not allow, as a newer registry would have it. */
  putUnreadable(kind: string, name: string, spec: object): void {
    const before = this.latest.get(`${kind}/${name}`);
    this.latest.set(`${kind}/${name}`, {
      kind,
      name,
      id: before?.id ?? randomUUID(),
      version: (before?.version ?? 0) + 1,
      revision: ++this.revision,
      at: new Date().toISOString(),
      by: 'a newer registry',
      gone: false,
      spec,
    });
  }

  /** As after somebody restored what the database was at the time. */
  restore(revision: number, items: readonly Item[]): void {
    this.revision = revision;
    this.latest = new Map(items.map((item) => [`${item.kind}/${item.name}`, item]));
  }

  private async answer({ queue, request, after }: PayloadOf<typeof registryCatchUp>): Promise<void> {
    this.asked.push(after);
    const upTo = this.revision;
    const isReset = after > upTo;
    const items = [...this.latest.values()]
      .filter(({ revision }) => isReset || revision > after)
      .sort((a, b) => a.revision - b.revision);
    const size = this.options.pageSize ?? 200;
    let from = isReset ? 0 : after;
    for (let start = 0; start === 0 || start < items.length; start += size) {
      const page = items.slice(start, start + size);
      const isLast = start + size >= items.length;
      const end = isLast ? upTo : (page.at(-1)?.revision ?? upTo);
      const answer = { request, isReset, isLast, after: from, upTo: end, items: page };
      await this.bus?.answer(queue, registrySnapshot, answer).catch(() => {});
      from = end;
    }
  }
}
