import { once } from 'node:events';
import { Readable } from 'node:stream';
import { type LogEnd, type LogPiece, logQuery } from '#api';
import { permanent, temporary } from '#errors';
import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Attempt } from '../domain/attempt.js';
import type { Ledger } from '../ledger/ledger.js';
import { followLog, incompleteTail } from '../live/follow-log.js';
import type { LogSignals } from '../storage/logs/log-signals.js';
import type { LogStore } from '../storage/logs/log.store.js';
import { ACCESS, LEDGER, LOG_SIGNALS, LOGS } from '../tokens.js';
import { byteRange } from './byte-range.js';
import { checked, checkedId } from './checked.js';
import type { HouseAccess } from './house-access.js';

const mostFollowers = 2_000;

/** What comes from a job is shown as text, whatever it looks like. */
const asText = {
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

/** The logs of attempts: as a whole, in part, or as they grow. */
@Controller('api/v1/attempts')
export class LogsController {
  private followers = 0;

  constructor(
    @Inject(ACCESS) private readonly access: HouseAccess,
    @Inject(LEDGER) private readonly ledger: Ledger,
    @Inject(LOGS) private readonly logs: LogStore,
    @Inject(LOG_SIGNALS) private readonly signals: LogSignals,
  ) {}

  @Get(':id/log')
  async log(
    @Headers() headers: Readonly<Record<string, string | undefined>>,
    @Param('id') id: string,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = this.access.caller(headers['authorization']);
    const { follow, from = 0 } = checked(logQuery, query);
    const attempt = await this.ledger.attempt(checkedId(id));
    if (!attempt) throw permanent('attempt.not_found', `there is no attempt ${id}`, { level: 'info' });
    this.access.refuseUnlessSeen(caller, attempt.project);
    if (follow === undefined) return this.whole(attempt, headers['range'], reply);
    const last = headers['last-event-id'];
    return this.follow(attempt, last !== undefined && /^\d{1,15}$/.test(last) ? Number(last) : from, reply);
  }

  private async whole(attempt: Attempt, header: string | undefined, reply: FastifyReply): Promise<void> {
    const { bytes } = await this.logs.head(attempt);
    const range = byteRange(header, bytes);
    if (range === 'unsatisfiable')
      return void reply.code(416).header('content-range', `bytes */${bytes}`).send();
    const { from, until } = range ?? { from: 0, until: bytes };
    if (range) reply.code(206).header('content-range', `bytes ${from}-${until - 1}/${bytes}`);
    await reply
      .headers({ ...asText, 'accept-ranges': 'bytes', 'content-length': until - from })
      .send(Readable.from(this.logs.read(attempt, from, until), { objectMode: false }));
  }

  private async follow({ id }: Attempt, from: number, reply: FastifyReply): Promise<void> {
    if (this.followers >= mostFollowers) throw temporary('log.busy', 'too many logs are being followed');
    this.followers += 1;
    const { raw } = reply.hijack();
    const gone = new AbortController();
    raw.once('close', () => gone.abort());
    raw.on('error', () => gone.abort());
    const write = async (text: string): Promise<void> => {
      if (!raw.write(text)) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
    };
    try {
      raw.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      raw.write(':\n\n');
      for await (const text of this.events(id, from, gone.signal)) await write(text);
    } catch {
      // Whoever follows comes back with the id of the last event.
    } finally {
      this.followers -= 1;
      raw.end();
    }
  }

  private async *events(id: string, from: number, signal: AbortSignal): AsyncGenerator<string> {
    const parts = {
      logs: this.logs,
      signals: this.signals,
      attempt: (of: string) => this.ledger.attempt(of),
    };
    let held = Buffer.alloc(0);
    for await (const step of followLog(parts, id, from, signal)) {
      if (step.kind === 'quiet') yield ':\n\n';
      if (step.kind === 'piece') {
        const bytes = Buffer.concat([held, step.bytes]);
        const start = step.from - held.length;
        const whole = bytes.length - incompleteTail(bytes);
        held = bytes.subarray(whole);
        if (whole > 0) yield pieceEvent(start, bytes.subarray(0, whole));
      }
      if (step.kind === 'end') {
        if (held.length > 0) yield pieceEvent(step.bytes - held.length, held);
        const end: LogEnd = { bytes: step.bytes, state: step.state };
        yield `event: end\nid: ${step.bytes}\ndata: ${JSON.stringify(end)}\n\n`;
      }
    }
  }
}

function pieceEvent(from: number, bytes: Buffer): string {
  const piece: LogPiece = { from, next: from + bytes.length, text: bytes.toString('utf8') };
  return `event: log\nid: ${piece.next}\ndata: ${JSON.stringify(piece)}\n\n`;
}
