import { Client } from 'pg';

export interface SignalsParts {
  /** Address of the database: the signals have a connection of their own. */
  readonly url: string;
  readonly channel: string;
  /** Of which CI job there is news; undefined: of any there may be. */
  readonly heard: (ciJob: string | undefined) => void;
}

const reconnectMs = 1_000;

/** Hears from all copies of the service which CI jobs there is news of. */
export class Signals {
  private client: Client | undefined;
  private isClosed = false;

  constructor(private readonly parts: SignalsParts) {}

  start(): void {
    void this.connect();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const { url: connectionString, channel, heard } = this.parts;
    const client = new Client({ connectionString, connectionTimeoutMillis: 10_000, keepAlive: true });
    const lost = (): void => {
      if (this.isClosed || this.client !== client) return;
      this.client = undefined;
      setTimeout(() => void this.connect(), reconnectMs).unref();
    };
    this.client = client;
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload = '' }) => {
      for (const id of payload.split(' ')) heard(id);
    });
    try {
      await client.connect();
      await client.query(`listen "${channel}"`);
      // What was said meanwhile was not heard.
      heard(undefined);
    } catch {
      await client.end().catch(() => undefined);
      lost();
    }
  }
}
