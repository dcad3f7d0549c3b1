import type { PayloadOf, registrySnapshot, ResourceKind } from '#contracts';
import { read, type Change, type Copied } from './change.js';

/** A page of the answer to `registry.catch_up`: who knows all up to `after` knows all up to `upTo` with it. */
export type Page = PayloadOf<typeof registrySnapshot>;

/** What is held of one resource. */
export interface Held {
  readonly latest: Change;
  /** The last state that this version could read; undefined where there was none, or the resource is gone. */
  readonly usable: { readonly change: Change; readonly copied: Copied } | undefined;
  /** Why the latest state cannot be read; undefined where it can. */
  readonly problem: string | undefined;
}

/** What outlives the process. */
export interface Dump {
  readonly complete: number;
  readonly items: readonly { readonly latest: Change; readonly usable?: Change }[];
}

/**
 * What a copy knows, and up to which revision it knows everything. Changes may come doubled, late, out of order or not
 * at all: a change that is not newer than what is known does nothing, and one that comes too early leaves `isBehind`.
 */
export class CopyState {
  private readonly held = new Map<string, Held>();
  /** Revisions above `complete` that were heard of. */
  private readonly ahead = new Set<number>();
  /** Removed resources above `complete`: an older state of them may still come. */
  private readonly gone = new Set<string>();
  private upTo = 0;

  constructor(private readonly kinds: ReadonlySet<ResourceKind>) {}

  static from(dump: Dump, kinds: ReadonlySet<ResourceKind>): CopyState {
    const state = new CopyState(kinds);
    state.upTo = dump.complete;
    for (const { latest, usable } of dump.items) {
      if (usable) state.put(usable);
      state.put(latest);
    }
    state.settle();
    return state;
  }

  /** The revision up to which everything is known. */
  get complete(): number {
    return this.upTo;
  }

  /** The newest revision that was heard of. */
  get newest(): number {
    return Math.max(this.upTo, ...this.ahead);
  }

  /** Whether something was missed: a later change is known, the ones before it are not. */
  get isBehind(): boolean {
    return this.ahead.size > 0;
  }

  of(kind: ResourceKind, name: string): Held | undefined {
    return this.held.get(keyOf({ kind, name }));
  }

  all(kind: ResourceKind): readonly Held[] {
    return [...this.held.values()].filter(({ latest }) => latest.kind === kind);
  }

  /** Every latest state that this version cannot read. */
  unreadable(): readonly Held[] {
    return [...this.held.values()].filter(({ problem }) => problem !== undefined);
  }

  /** Takes a change that was announced; tells whether it changed what is held. */
  hear(change: Change): boolean {
    if (change.revision <= this.upTo) return false;
    const changed = this.put(change);
    this.ahead.add(change.revision);
    this.settle();
    return changed;
  }

  /** Takes a page of a snapshot; tells the kinds that changed. */
  take(page: Page): ReadonlySet<string> {
    const news = page.items.filter(({ revision }) => revision > this.upTo);
    const changed = new Set(news.filter((change) => this.put(change)).map(({ kind }) => kind));
    // With a page missing before it, its changes are good, but what lies before them is not known to be complete.
    if (page.after <= this.upTo && page.upTo > this.upTo) this.upTo = page.upTo;
    else for (const { revision } of news) this.ahead.add(revision);
    this.settle();
    return changed;
  }

  dump(): Dump {
    const items = [...this.held.values()].map(({ latest, usable }) =>
      usable && usable.change !== latest ? { latest, usable: usable.change } : { latest },
    );
    return { complete: this.upTo, items };
  }

  private put(change: Change): boolean {
    if (!this.kinds.has(change.kind as ResourceKind)) return false;
    const key = keyOf(change);
    const before = this.held.get(key);
    if (before && before.latest.revision >= change.revision) return false;
    this.held.set(key, hold(change, before));
    if (change.gone) this.gone.add(key);
    else this.gone.delete(key);
    return true;
  }

  /** Counts on from `upTo` as far as nothing is missing, and forgets what is only needed beyond it. */
  private settle(): void {
    while (this.ahead.delete(this.upTo + 1)) this.upTo += 1;
    for (const revision of this.ahead) if (revision <= this.upTo) this.ahead.delete(revision);
    for (const key of this.gone) {
      const revision = this.held.get(key)?.latest.revision ?? 0;
      if (revision > this.upTo) continue;
      this.gone.delete(key);
      this.held.delete(key);
    }
  }
}

function hold(latest: Change, before: Held | undefined): Held {
  if (latest.gone) return { latest, usable: undefined, problem: undefined };
  const reading = read(latest);
  if ('copied' in reading)
    return { latest, usable: { change: latest, copied: reading.copied }, problem: undefined };
  // Better the last state that is understood than none; but not that of another resource of the same name.
  const usable = before?.usable?.change.id === latest.id ? before.usable : undefined;
  return { latest, usable, problem: reading.problem };
}

const keyOf = ({ kind, name }: { readonly kind: string; readonly name: string }): string => `${kind}/${name}`;
