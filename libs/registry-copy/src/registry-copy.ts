import type { Bus, Heard, Listening } from '#bus';
import {
  credentialResource,
  credentialUsed,
  everyChange,
  registryCatchUp,
  registrySnapshot,
  type Resource,
  type ResourceKind,
  type SettingsOf,
} from '#contracts';
import { permanent } from '#errors';
import type { KeyRing } from '#secrets';
import type { Registry } from 'prom-client';
import { CatchUp, type CatchUpTiming, defaultTiming } from './catch-up.js';
import { changeOf, kindOfType, type Copied } from './change.js';
import { CopyFile } from './copy-file.js';
import { reportCopy } from './copy-metrics.js';
import { CopyState, type Held, type Page } from './copy-state.js';
import { OpenedSecrets, type OpenedSecret } from './opened-secrets.js';
import { Saving } from './saving.js';
import { Uses } from './uses.js';

/** The part of pino's logger that the copy uses. */
export interface CopyLogger {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** What a copy keeps, for whom, and where it outlives the process. */
export interface RegistryCopyOptions {
  /** Names the file: the copies of a service may share it, those of different services do not. */
  readonly service: string;
  /** What is kept; of other kinds only the revisions are counted. */
  readonly kinds: readonly ResourceKind[];
  /** Where the file is. */
  readonly directory: string;
  /** Opens the secrets of credentials. */
  readonly ring: KeyRing;
  /** Told each secret before anybody has it, so that it is kept out of logs. */
  readonly learn: (secret: string) => void;
  readonly logger: CopyLogger;
  readonly metrics?: Registry;
  readonly timing?: Partial<CatchUpTiming>;
}

/** A service's own copy of what the registry keeps. */
export interface RegistryCopy {
  /** Whether there is anything to work from: what was saved before, or a first answer of the registry's. */
  readonly isUsable: boolean;
  /** The revision up to which everything is known. */
  readonly revision: number;
  /** What is known of a kind, in the order of names; what this version cannot read as it last could. */
  all<R extends Resource>(resource: R): readonly Copied<SettingsOf<R>>[];
  find<R extends Resource>(resource: R, name: string): Copied<SettingsOf<R>> | undefined;
  /** The secrets of a credential that count now, the newest first; none where there is no such credential. */
  secretsOf(credential: string): readonly OpenedSecret[];
  /**
   * To be called when the other side took a secret, as often as that is: says on the bus, once a minute, that it is still
   * used. Returns at once and never throws. `purpose`: what for, e.g. `source harbor`.
   */
  used(secret: Pick<OpenedSecret, 'id' | 'credential'>, purpose: string): void;
  /** Every resource whose latest state this version cannot read, and why. */
  unreadable(): readonly { readonly kind: string; readonly name: string; readonly problem: string }[];
  /** Has `listener` called after each change, with the kinds that changed. What it throws is logged. */
  onChange(listener: (kinds: ReadonlySet<string>) => void): void;
  /** Keeps up with the registry from now on, by this bus instead of the one before. */
  follow(bus: Bus): void;
  /** Stops, and saves what is not saved yet. */
  close(): Promise<void>;
}

/**
 * Reads what was saved. Throws permanent `registry_copy.directory` or `registry_copy.unreadable`; a file that is damaged
 * is set aside, and the copy begins anew.
 */
export async function openRegistryCopy(options: RegistryCopyOptions): Promise<RegistryCopy> {
  const file = new CopyFile(options.directory, options.service);
  await file.prepare();
  const saved = await file.load((reason, keptAs) =>
    options.logger.warn(
      { file: file.path, keptAs, reason },
      'the saved copy of the registry is damaged; beginning anew with all that the registry has',
    ),
  );
  const kinds = new Set(options.kinds);
  // Without all the kinds that are wanted now it is good to begin with, and no more.
  const hasAll = options.kinds.every((kind) => saved?.kinds.includes(kind));
  const state = saved
    ? CopyState.from(hasAll ? saved : { ...saved, complete: 0 }, kinds)
    : new CopyState(kinds);
  const copy = new FollowingCopy(options, file, state, saved !== undefined && hasAll);
  options.logger.info({ file: file.path, revision: state.complete }, 'copy of the registry');
  return copy;
}

class FollowingCopy implements RegistryCopy {
  private readonly kinds: ReadonlySet<ResourceKind>;
  private readonly secrets: OpenedSecrets;
  private readonly catchUp: CatchUp;
  private readonly saving: Saving;
  private readonly uses: Uses;
  private readonly listeners: ((kinds: ReadonlySet<string>) => void)[] = [];
  /** What was said of them already, so that nothing is said with every change. */
  private readonly told = new Map<string, string>();
  /** What replaces everything once it is whole, after the registry was set back. */
  private incoming: CopyState | undefined;
  private bus: Bus | undefined;
  private listening: Listening | undefined;

  constructor(
    private readonly options: RegistryCopyOptions,
    file: CopyFile,
    private state: CopyState,
    private usable: boolean,
  ) {
    const { kinds, ring, learn, logger, metrics, timing } = options;
    this.kinds = new Set(kinds);
    this.secrets = new OpenedSecrets(ring, learn);
    this.catchUp = new CatchUp((queue, request) => this.ask(queue, request), { ...defaultTiming, ...timing });
    this.saving = new Saving(
      (always) => file.save({ ...this.state.dump(), kinds }, always),
      (err) => logger.error({ err }, 'the copy of the registry cannot be saved; trying again'),
    );
    this.uses = new Uses(
      async ({ credential: name, secret, purpose, at }) =>
        this.bus?.publish(credentialUsed, { name, secret, purpose }, { time: at }),
      (err) => logger.debug({ err }, 'that a secret was used is not said'),
    );
    this.reportUnreadable();
    if (metrics) reportCopy(metrics, this.gauges());
  }

  get isUsable(): boolean {
    return this.usable;
  }

  get revision(): number {
    return this.state.complete;
  }

  all<R extends Resource>(resource: R): readonly Copied<SettingsOf<R>>[] {
    return this.state
      .all(this.known(resource))
      .flatMap(({ usable }) => (usable ? [usable.copied as Copied<SettingsOf<R>>] : []))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find<R extends Resource>(resource: R, name: string): Copied<SettingsOf<R>> | undefined {
    return this.state.of(this.known(resource), name)?.usable?.copied as Copied<SettingsOf<R>> | undefined;
  }

  secretsOf(credential: string): readonly OpenedSecret[] {
    const copied = this.find(credentialResource, credential);
    if (!copied) return [];
    return this.secrets.of(copied, Date.now(), (problem) => this.tell(`credential/${credential}`, problem));
  }

  used({ id, credential }: Pick<OpenedSecret, 'id' | 'credential'>, purpose: string): void {
    this.uses.note({ credential, secret: id, purpose });
  }

  unreadable(): readonly { readonly kind: string; readonly name: string; readonly problem: string }[] {
    return this.state
      .unreadable()
      .map(({ latest: { kind, name }, problem = '' }) => ({ kind, name, problem }));
  }

  onChange(listener: (kinds: ReadonlySet<string>) => void): void {
    this.listeners.push(listener);
  }

  follow(bus: Bus): void {
    void this.listening?.stop();
    this.bus = bus;
    this.listening = bus.listen({
      keys: [everyChange],
      handle: (heard) => this.hear(heard),
      onOpen: (queue) => this.catchUp.opened(queue),
    });
  }

  async close(): Promise<void> {
    this.catchUp.close();
    await this.listening?.stop();
    await this.saving.finish();
  }

  private async ask(queue: string, request: string): Promise<void> {
    await this.bus?.publish(registryCatchUp, { queue, request, after: this.state.complete });
  }

  private hear(heard: Heard): void {
    if (heard.message === registrySnapshot) {
      if (heard.problem !== undefined) throw permanent('registry_copy.bad_snapshot', heard.problem);
      return this.take(heard.data as Page);
    }
    const kind = kindOfType(heard.type);
    const change = kind === undefined ? undefined : changeOf(kind, heard.data);
    // Of a kind or a version that is not known here: the registry tells what it means for us.
    if (!change) return this.catchUp.gap();
    if (this.state.hear(change)) this.changed(new Set([change.kind]));
    this.incoming?.hear(change);
    if (this.state.isBehind) this.catchUp.gap();
  }

  private take(page: Page): void {
    const isOurs = this.catchUp.isOurs(page.request);
    if (page.isReset) return isOurs ? this.takeReset(page) : undefined;
    const kinds = this.state.take(page);
    const first = !this.usable && page.isLast && this.state.complete >= page.upTo;
    if (first) this.usable = true;
    if (first || kinds.size > 0) this.changed(kinds);
    if (page.isLast && isOurs) this.catchUp.answered();
    if (page.isLast && this.state.isBehind) this.catchUp.gap();
  }

  /** The registry knows less than we do: somebody restored an older state. What it has then counts, all of it. */
  private takeReset(page: Page): void {
    if (page.after === 0) this.incoming = new CopyState(this.kinds);
    const { incoming } = this;
    if (!incoming) return;
    incoming.take(page);
    if (!page.isLast) return;
    this.incoming = undefined;
    this.options.logger.warn(
      { was: this.state.complete, is: incoming.complete },
      'the registry was set back to an older state; this copy follows',
    );
    this.state = incoming;
    this.usable = true;
    this.changed(this.kinds, true);
    // What was said while the answer was under way was taken for old.
    this.catchUp.again();
  }

  private changed(kinds: ReadonlySet<string>, isReset = false): void {
    if (kinds.has('credential')) this.secrets.keepOnly(this.all(credentialResource));
    this.options.logger.info(
      { kinds: [...kinds], revision: this.state.newest },
      'the registry says something new',
    );
    this.reportUnreadable();
    this.saving.soon(isReset);
    for (const listener of this.listeners) {
      try {
        listener(kinds);
      } catch (err) {
        this.options.logger.error({ err }, 'a change that the registry made was not taken over');
      }
    }
  }

  private reportUnreadable(): void {
    for (const { latest, usable, problem } of this.state.unreadable()) {
      const instead = usable ? 'the state before it stays in use' : 'it is left aside';
      this.tell(subjectOf(latest), `${problem ?? ''} (revision ${latest.revision}; ${instead})`);
    }
  }

  private tell(subject: string, problem: string): void {
    if (this.told.get(subject) === problem) return;
    this.told.set(subject, problem);
    this.options.logger.error(
      { subject, problem },
      'the registry has what this version cannot use; is the registry newer, or the key ring another?',
    );
  }

  private known(resource: Resource): ResourceKind {
    if (this.kinds.has(resource.kind)) return resource.kind;
    throw permanent('registry_copy.not_kept', `this service keeps no copy of the kind ${resource.kind}`);
  }

  private gauges() {
    return {
      revision: () => this.state.complete,
      behind: () => this.catchUp.isWaiting || this.state.isBehind,
      items: () => Object.fromEntries(this.options.kinds.map((kind) => [kind, this.state.all(kind).length])),
      unreadable: () => this.state.unreadable().length,
    };
  }
}

const subjectOf = ({ kind, name }: Held['latest']): string => `${kind}/${name}`;
