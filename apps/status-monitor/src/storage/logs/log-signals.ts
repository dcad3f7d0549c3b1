import { EventEmitter } from 'node:events';
import { channelOf, Signals } from '#database';
import { toAppError } from '#errors';

/** The signals are LISTEN and NOTIFY of PostgreSQL; the channel is the schema's own. */
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

/** Tells all copies of the service whose log grew or ended, so that those who follow one need not ask. */
export class LogSignals {
  private readonly listeners = new EventEmitter().setMaxListeners(0);
  private readonly channel: string;
  private readonly signals: Signals;
  private grown = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: LogSignalsParts) {
    const { url, schema, log } = parts;
    this.channel = channelOf('log', schema);
    const heard = (id = 'all'): void => void this.listeners.emit(id);
    this.signals = new Signals({ url, channel: this.channel, heard, log });
  }

  start(): void {
    this.signals.start();
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
    clearTimeout(this.timer);
    await this.signals.close();
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
}
