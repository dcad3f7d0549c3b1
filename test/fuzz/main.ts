import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EmbeddedServer,
  freePort,
  newBootstrapKey,
  newKeyRing,
  partnersEnvironment,
  startPostgres,
  startRabbitmq,
  startService,
} from '#embedded';
import { environment } from './config.js';
import { fill } from './fill.js';

/**
 * `main.js PROGRAM OPTIONS…`: runs schemathesis against a registry of its own. Its key goes by the environment: not by
 * the arguments, which everybody on the machine can read.
 */
const [program = '', ...options] = process.argv.slice(2);

/** What is a matter of the house's state, which no document can say, is not judged: names that must exist, for one. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'allow_header_conformance',
  'use_after_free',
];

/** A stream without end, and the key that asks. */
const leftOut = ['GET /api/v1/events', 'DELETE /api/v1/api-keys/{id}'];

const fresh = (): string => mkdtempSync(join(tmpdir(), 'slipway-fuzz-'));
const directory = fresh();
// Its own: PostgreSQL never runs as root, and must be able to enter.
const database = fresh();
const running: EmbeddedServer[] = [];
let status = 1;
try {
  const [rabbitmq, postgres] = await Promise.all([
    startRabbitmq({ directory: join(directory, 'rabbitmq') }),
    startPostgres({ directory: database, fast: true }),
  ]);
  running.push(rabbitmq, postgres);
  const port = String(await freePort());
  const bootstrapKey = newBootstrapKey();
  running.push(
    await startService({
      name: 'registry',
      directory: join(directory, 'registry'),
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        ...partnersEnvironment({
          amqpUrl: rabbitmq.url,
          keyRing: newKeyRing('fuzz'),
          postgres: { url: postgres.url },
        }),
        SLIPWAY_HTTP_PORT: port,
        SLIPWAY_BOOTSTRAP_KEY: bootstrapKey,
        SLIPWAY_LOG_LEVEL: 'warn',
      },
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  status = await run(url, await fill(url, bootstrapKey));
  if (status !== 0) process.stderr.write(`${running.at(-1)?.logTail(20) ?? ''}\n`);
} finally {
  for (const server of running.toReversed()) await server.stop();
  for (const made of [directory, database]) rmSync(made, { recursive: true, force: true });
}
process.exit(status === 0 ? 0 : 1);

async function run(url: string, key: string): Promise<number> {
  const config = join(directory, 'schemathesis.toml');
  // Its own syntax: the variable is read by schemathesis.
  writeFileSync(config, '[headers]\nAuthorization = "Bearer ${SLIPWAY_FUZZ_KEY}"\n');
  const args = [
    '--config-file',
    config,
    'run',
    `${url}/api/openapi.json`,
    '--checks',
    checks.join(','),
    ...leftOut.flatMap((name) => ['--exclude-name', name]),
    '--suppress-health-check',
    'all',
    '--generation-database',
    'none',
    ...options,
  ];
  const child = spawn(program, args, {
    cwd: directory,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...environment(), SLIPWAY_FUZZ_KEY: key },
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
