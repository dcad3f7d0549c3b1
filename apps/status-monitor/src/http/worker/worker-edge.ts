import type { Readable } from 'node:stream';
import { hasEnded } from '#contracts';
import type { KeyRing } from '#secrets';
import type { Attempt, Standing } from '../../domain/attempt.js';
import type { Ledger } from '../../ledger/ledger.js';
import { HeldCalls } from '../../live/held-calls.js';
import type { LogNews } from '../../live/log-news.js';
import type { LogStore } from '../../storage/logs/log.store.js';
import type { OutputStore } from '../../storage/outputs/output.store.js';
import type { JobInputs } from '../../inputs/job-inputs.js';
import { tarOf } from '../../inputs/outputs-tar.js';
import { admit, type Admission, type Credentials } from './admission.js';
import { BodyRoom } from './body.js';
import { endReport, nodeOf, readLines, writeLines } from './worker-lines.js';
import { WorkerTokens } from './worker-tokens.js';

/** Where what jobs say goes, and what they are given of others' outputs. */
export interface WorkerEdgeParts {
  readonly ring: Pick<KeyRing, 'unseal'>;
  readonly ledger: Ledger;
  readonly logs: LogStore;
  readonly outputs: OutputStore;
  readonly news: LogNews;
  readonly inputs: JobInputs;
  /** Bytes of log that one call may bring. */
  readonly mostChunkBytes: number;
}

/** A call of a job, as HTTP brought it. */
export interface WorkerCall extends Credentials {
  readonly attemptId: string;
  readonly what: string;
  /** Of the input that is asked for, from 1. */
  readonly number?: string | undefined;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readable;
}

/** What the job is told: `key=value` lines for the shell that its wrapper is, or an input as it is read. */
export interface WorkerAnswer {
  readonly status: number;
  readonly body: string | Readable;
}

const roomBytes = 128 * 2 ** 20;
const linesBytes = 16_384;
const bodyWithinMs = 60_000;
/** Longer than this a call is not held, in seconds: what is between may end it. */
const mostHeldSeconds = 60;

/** What the jobs themselves say, and what they are told. Each call may come twice, late and in any order. */
export class WorkerEdge {
  private readonly room = new BodyRoom(roomBytes);

  private readonly held: HeldCalls;
  private readonly tokens: WorkerTokens;

  constructor(private readonly parts: WorkerEdgeParts) {
    this.tokens = new WorkerTokens(parts.ring);
    this.held = new HeldCalls((id) => parts.ledger.standing(id));
  }

  /** Answers all that is held. */
  letGo(): void {
    this.held.close();
  }

  async answer(call: WorkerCall): Promise<WorkerAnswer> {
    const { ledger } = this.parts;
    if (call.what === 'heartbeat') return this.heartbeat(call);
    if (call.what === 'log') return this.log(call);
    const kind = call.what === 'start' || call.what === 'end' ? call.what : 'other';
    const admission = await this.admit((id) => ledger.attempt(id), call, kind);
    if (admission.kind === 'refused') return refused(admission);
    const { attempt, session } = admission;
    switch (call.what) {
      case 'start':
        return this.start(attempt, session, call.body);
      case 'outputs':
        return this.outputs(attempt, call);
      case 'inputs':
        return this.input(attempt, call);
      default:
        return this.end(attempt, call.body);
    }
  }

  private admit<A extends Standing>(
    attempt: (id: string) => Promise<A | undefined>,
    call: WorkerCall,
    kind: 'start' | 'end' | 'other',
  ): Promise<Admission<A>> {
    return admit({ tokens: this.tokens, attempt }, call.attemptId, call, kind);
  }

  /** What comes most often reads as little as it can. */
  private async heartbeat(call: WorkerCall): Promise<WorkerAnswer> {
    const { ledger } = this.parts;
    const admission = await this.admit((id) => ledger.standing(id), call, 'other');
    if (admission.kind === 'refused') return refused(admission);
    const { attempt } = admission;
    ledger.alive(attempt);
    const seconds = Math.min(wholeNumber(call.query['hold']) ?? 0, mostHeldSeconds);
    const now = seconds > 0 ? await this.held.hold(attempt, seconds * 1_000) : attempt;
    if (hasEnded(now.state)) return refused({ kind: 'refused', status: 410, why: 'the attempt is over' });
    return answered(now);
  }

  private async start(attempt: Attempt, session: string, body: Readable): Promise<WorkerAnswer> {
    const { ledger } = this.parts;
    const values = await this.lines(body);
    if (!values) return tooLarge(attempt);
    const at = new Date();
    const facts = { node: nodeOf(values), startedAt: at };
    const after = await ledger.begin(attempt.id, session, { from: 'worker', state: 'running', at, facts });
    if (after && after.session !== session)
      return { status: 403, body: writeLines({ action: 'continue', error: 'begun by another session' }) };
    ledger.alive(attempt);
    // Told beforehand, so that none is sent only to be refused; and the time, which a node would ask a program for.
    const now = Math.floor(Date.now() / 1_000);
    return answered(after ?? attempt, 200, { outputs: this.parts.outputs.mostBytes, now });
  }

  private async log(call: WorkerCall): Promise<WorkerAnswer> {
    const { ledger, logs, news, mostChunkBytes } = this.parts;
    const admission = await this.admit((id) => ledger.writing(id), call, 'other');
    if (admission.kind === 'refused') return refused(admission);
    const { attempt } = admission;
    const { query, body } = call;
    const offset = wholeNumber(query['offset']);
    if (offset === undefined) return malformed(attempt, 'offset');
    const piece = await this.room.read(body, mostChunkBytes, bodyWithinMs);
    if (!piece) return tooLarge(attempt);
    const { next, bytes, lines, isCut, hasGap } = await logs.append(attempt, offset, piece);
    ledger.alive(attempt, { logBytes: bytes, logLines: lines });
    if (!hasGap) news.grew(attempt, bytes);
    return answered(attempt, hasGap ? 409 : 200, { next, ...(isCut && { log: 'full' }) });
  }

  private async outputs(attempt: Attempt, { query, body }: WorkerCall): Promise<WorkerAnswer> {
    const { ledger, outputs } = this.parts;
    const [size, sha256] = [wholeNumber(query['size']), query['sha256']];
    if (size === undefined || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
      return malformed(attempt, 'size and sha256');
    const stored = await outputs.store(attempt, body, { size, sha256 }, () => ledger.alive(attempt));
    if (stored.kind === 'refused') return answered(attempt, stored.status, { error: stored.why });
    ledger.alive(attempt, { outputBytes: stored.zipBytes });
    await ledger.written();
    return answered(attempt);
  }

  private async input(attempt: Attempt, { number, query }: WorkerCall): Promise<WorkerAnswer> {
    const { ledger, inputs } = this.parts;
    ledger.alive(attempt);
    const found = await inputs.find(attempt, wholeNumber(number) ?? 0);
    if (found.kind === 'refused') return answered(attempt, 404, { error: found.why });
    return { status: 200, body: tarOf(found.parts, query['packed'] !== 'no') };
  }

  private async end(attempt: Attempt, body: Readable): Promise<WorkerAnswer> {
    const { ledger, logs, news } = this.parts;
    const values = await this.lines(body);
    if (!values) return tooLarge(attempt);
    const { logBytes = 0, ...report } = endReport(values, new Date());
    const head = await logs.noteEnd(attempt, logBytes);
    ledger.alive(attempt, { logBytes: head.bytes, logLines: head.lines });
    const after = await ledger.report(attempt.id, report);
    news.ended(attempt, head.bytes);
    return answered(after ?? attempt);
  }

  private async lines(body: Readable): Promise<ReadonlyMap<string, string> | undefined> {
    const text = await this.room.read(body, linesBytes, bodyWithinMs);
    return text && readLines(text.toString('utf8'));
  }
}

/** Whoever may not speak for an attempt is told nothing of it. */
const refused = ({
  status,
  why,
}: Extract<Admission<Standing>, { readonly kind: 'refused' }>): WorkerAnswer => ({
  status,
  body: writeLines({ action: status === 410 ? 'cancel' : 'continue', error: why }),
});

const answered = (
  attempt: Pick<Attempt, 'cancel'>,
  status = 200,
  more: Readonly<Record<string, string | number>> = {},
): WorkerAnswer => ({
  status,
  body: writeLines({ action: attempt.cancel === undefined ? 'continue' : 'cancel', ...more }),
});

const tooLarge = (attempt: Standing): WorkerAnswer =>
  answered(attempt, 413, { error: 'the body is too large' });
const malformed = (attempt: Standing, what: string): WorkerAnswer =>
  answered(attempt, 400, { error: `${what}: missing or malformed` });

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
