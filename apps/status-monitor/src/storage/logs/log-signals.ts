import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { toAppError } from '#errors';
import { Client } from 'pg';

export interface LogSignalsParts {
  /** Address of the database: the signals have a connection of their own. */
  readonly url: string;
  readonly schema: string;
  /** Runs a statement on the pool. */
  readonly query: (text: string, values: readonly unknown[]) => Promise<unknown>;
  readonly log: { warn(fields: object, text: string): void };
}

const gatherMs = 100;
/** PostgreSQL takes 8,000 bytes; an id has 36. */
const idsInOne = 200;
const reconnectMs = 1_000;

/** Tells all copies of the service whose log grew or ended, so that those who follow one need not ask. */
export class LogSignals {
  private readonly listeners = new EventEmitter().setMaxListeners(0);
  private readonly channel: string;
  private grown = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private client: Client | undefined;
  private closed = false;

  constructor(private readonly parts: LogSignalsParts) {
    // A schema's name may be as long as PostgreSQL lets a channel's be.
    this.channel = `log_${createHash('sha256').update(parts.schema).digest('hex').slice(0, 24)}`;
  }

  start(): void {
    void this.connect();
  }

  /** To this copy at once, to the others with whatever else grows within a moment. */
  grew(attemptId: string): void {
    this.listeners.emit(attemptId);
    this.grown.add(attemptId);
    this.timer ??= setTimeout(() => void this.send(), gatherMs).unref();
  }

  /** Calls back whenever a log may have grown; now and then although it has not. Returns what ends that. */
  on(attemptId: string, listener: () => void): () => void {
    this.listeners.on(attemptId, listener);
    this.listeners.on('all', listener);
    return () => {
      this.listeners.off(attemptId, listener);
      this.listeners.off('all', listener);
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  private async send(): Promise<void> {
    this.timer = undefined;
    const ids = [...this.grown];
    this.grown = new Set();
    try {
      for (let from = 0; from < ids.length; from += idsInOne) {
        const payload = ids.slice(from, from + idsInOne).join(' ');
        await this.parts.query('select pg_notify($1, $2)', [this.channel, payload]);
      }
    } catch (thrown) {
      // Who follows on another copy looks again by itself before long.
      this.parts.log.warn({ code: toAppError(thrown).code }, 'other copies were not told of logs that grew');
    }
  }

  private async connect(): Promise<void> {
    const client = new Client({
      connectionString: this.parts.url,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    const lost = (): void => {
      if (this.closed || this.client !== client) return;
      this.client = undefined;
      setTimeout(() => void this.connect(), reconnectMs).unref();
    };
    this.client = client;
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload = '' }) => {
      for (const id of payload.split(' ')) this.listeners.emit(id);
    });
    try {
      await client.connect();
      await client.query(`listen "${this.channel}"`);
      // What was said meanwhile was not heard.
      this.listeners.emit('all');
    } catch {
      await client.end().catch(() => undefined);
      lost();
    }
  }
}
