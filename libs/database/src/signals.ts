import { createHash } from 'node:crypto';
import { Client } from 'pg';

/** What copies of a service speak on; a schema's name may itself be as long as PostgreSQL lets a channel's be. */
export const channelOf = (service: string, schema: string): string =>
  `${service}_${createHash('sha256').update(schema).digest('hex').slice(0, 24)}`;

/** What signals are heard by. */
export interface SignalsParts {
  /** Address of the database: the signals have a connection of their own. */
  readonly url: string;
  readonly channel: string;
  /** Called for each word of a notification; undefined: some may not have been heard. */
  readonly heard: (word: string | undefined) => void;
  readonly log: { warn(fields: object, text: string): void };
}

const reconnectMs = 1_000;
/** A connection that is cut without a word looks like one on which nothing is said: it is asked this often, in milliseconds. */
const beatMs = 5_000;
const silenceMs = 10_000;

/** Hears what the copies of a service notify one another of (PostgreSQL, LISTEN), and connects again where it is cut off. */
export class Signals {
  private client: Client | undefined;
  /** The connection that has not answered yet. */
  private asked: Client | undefined;
  private isClosed = false;
  /** So that an outage is told once. */
  private isToldLost = false;
  private readonly beating = setInterval(() => void this.beat(), beatMs).unref();

  constructor(private readonly parts: SignalsParts) {}

  start(): void {
    void this.connect();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.beating);
    await this.client?.end().catch(() => undefined);
  }

  private async beat(): Promise<void> {
    const { client } = this;
    // While it is connecting, or a question is unanswered, that one tells.
    if (!client || this.asked === client) return;
    this.asked = client;
    try {
      await client.query('select 1');
      this.asked = undefined;
    } catch (error) {
      this.lost(client, error as Error);
    }
  }

  private lost(client: Client, error?: Error): void {
    if (this.isClosed || this.client !== client) return;
    this.client = undefined;
    if (!this.isToldLost)
      this.parts.log.warn({ err: error?.message }, 'other copies are not heard; connecting again');
    this.isToldLost = true;
    void client.end().catch(() => undefined);
    setTimeout(() => void this.connect(), reconnectMs).unref();
  }

  private async connect(): Promise<void> {
    if (this.isClosed) return;
    const { url: connectionString, channel, heard } = this.parts;
    const client = new Client({
      connectionString,
      connectionTimeoutMillis: silenceMs,
      query_timeout: silenceMs,
      keepAlive: true,
    });
    this.client = client;
    this.asked = client;
    client.on('error', (error) => this.lost(client, error));
    client.on('end', () => this.lost(client));
    client.on('notification', ({ payload = '' }) => {
      for (const word of payload.split(' ')) heard(word);
    });
    try {
      await client.connect();
      await client.query(`listen "${channel}"`);
      this.asked = undefined;
      this.isToldLost = false;
      // What was said meanwhile was not heard.
      heard(undefined);
    } catch (error) {
      this.lost(client, error as Error);
    }
  }
}
