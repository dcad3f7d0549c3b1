import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { spawnService, type SpawnedService, type SpawnOptions } from '#lab';

/** What the relay is given besides its own defaults; `spawn` is how its process is started. */
export interface RelayOptions {
  readonly amqpUrl: string;
  /** `sources` of slipway.yml. */
  readonly sources: readonly object[];
  /** Environment variables that the sources’ secrets are in. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly spawn?: SpawnOptions;
}

/** A relay that is ready. Its directory goes when its process ends, however that ends. */
export interface RunningRelay extends SpawnedService {
  /** Writes `sources` anew; the relay reads them at SIGHUP. */
  rewrite(sources: readonly object[]): void;
  /** POST to `/hooks/<path>`; the answer’s body is read. */
  post(
    path: string,
    body: string | Buffer,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; headers: Headers; text: string }>;
}

/** The relay as a process of its own, with a slipway.yml of its own. */
export async function startRelay(options: RelayOptions): Promise<RunningRelay> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-relay-'));
  const file = join(directory, 'slipway.yml');
  const rewrite = (sources: readonly object[]): void => writeFileSync(file, stringify({ sources }));
  rewrite(options.sources);
  const service = await spawnService(
    'webhook-relay',
    {
      SLIPWAY_AMQP_URL: options.amqpUrl,
      SLIPWAY_CONFIG: file,
      ...options.secrets,
      ...options.environment,
    },
    options.spawn,
  );
  void service.exited.finally(() => rmSync(directory, { recursive: true, force: true })).catch(() => {});
  return {
    ...service,
    rewrite,
    post: async (path, body, headers = {}) => {
      const response = await fetch(`${service.url}/hooks/${path}`, {
        method: 'POST',
        body: new Uint8Array(Buffer.from(body)),
        headers: { 'content-type': 'application/json', ...headers },
        signal: AbortSignal.timeout(60_000),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
}
