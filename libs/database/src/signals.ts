import { Client } from 'pg';

export interface SignalsParts {
  /** Address of the database: the signals have a connection of their own. */
  readonly url: string;
  readonly channel: string;
  /** Of which CI job there is news; undefined: of any there may be. */
  readonly heard: (ciJob: string | undefined) => void;
}

const reconnectMs = 1_000;
/** A connection that is cut without a word looks like one on which nothing is said: it is asked this often, in milliseconds. */
const beatMs = 5_000;
const silenceMs = 10_000;

/** Hears from all copies of the service which CI jobs there is news of. */
export class Signals {
  private client: Client | undefined;
  private isClosed = false;
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
    await client?.query('select 1').catch(() => this.lost(client));
  }

  private lost(client: Client): void {
    if (this.isClosed || this.client !== client) return;
    this.client = undefined;
    void client.end().catch(() => undefined);
    setTimeout(() => void this.connect(), reconnectMs).unref();
  }

  private async connect(): Promise<void> {
    const { url: connectionString, channel, heard } = this.parts;
    const client = new Client({
      connectionString,
      connectionTimeoutMillis: silenceMs,
      query_timeout: silenceMs,
      keepAlive: true,
    });
    this.client = client;
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    client.on('notification', ({ payload = '' }) => {
      for (const id of payload.split(' ')) heard(id);
    });
    try {
      await client.connect();
      await client.query(`listen "${channel}"`);
      // What was said meanwhile was not heard.
      heard(undefined);
    } catch {
      this.lost(client);
    }
  }
}
