import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startDockerRegistry, startPostgres } from '#embedded';
import { waitFor } from '#lab';
import { findProgram } from './programs.js';
import { processIdentity } from './processes.js';

// Real: PostgreSQL and docker-registry; RabbitMQ goes the same way, and starts in every run's lab.
const directory = mkdtempSync(join(tmpdir(), 'slipway-embedded-'));
beforeAll(() => {
  chmodSync(directory, 0o711);
  mkdirSync(join(directory, 'killed'), { mode: 0o711 });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, query_timeout: 300 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  it('keeps port and data over a kill and a restart, and answers nothing while frozen', async () => {
    const server = await startPostgres({ directory: join(directory, 'postgres') });
    try {
      await query(server.url, 'CREATE TABLE kept (id int)');
      await server.kill();
      await expect(query(server.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
      await server.restart();
      const client = new Client({ connectionString: server.url, query_timeout: 300 });
      await client.connect();
      await server.pause();
      await expect(client.query('SELECT 1')).rejects.toThrow('timeout');
      server.resume();
      await client.end();
      expect(await query(server.url, 'SELECT * FROM kept')).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  it('refuses a second server on the same directory while the first runs', async () => {
    const program = [
      `import { startPostgres } from ${JSON.stringify(import.meta.url.replace(/embedded\.spec\.js$/, 'index.js'))};`,
      `const server = await startPostgres({ directory: ${JSON.stringify(join(directory, 'killed', 'pg'))}, fast: true });`,
      'console.log(server.pid); setInterval(() => {}, 1000);',
    ].join('\n');
    const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    await expect(startPostgres({ directory: join(directory, 'killed', 'pg') })).rejects.toMatchObject({
      code: 'embedded.in_use',
    });

    owner.kill('SIGKILL');
    await waitFor(() => processIdentity(pid) === undefined, {
      what: 'the server to die with its killed parent',
    });
    const heir = await startPostgres({ directory: join(directory, 'killed', 'pg'), fast: true });
    await heir.stop();
  });
});

describe('startDockerRegistry', () => {
  it('asks for the user and password that it was given', async () => {
    const auth = { username: 'robot', password: 'pass word' };
    const registry = await startDockerRegistry({ directory: join(directory, 'registry'), auth });
    const credentials = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
    const asRobot = { headers: { authorization: `Basic ${credentials}` } };
    expect((await fetch(`http://${registry.host}/v2/`)).status).toBe(401);
    expect((await fetch(`http://${registry.host}/v2/`, asRobot)).status).toBe(200);
    await registry.stop();
    expect(processIdentity(registry.pid)).toBeUndefined();
  });

  it('says what its log says when it does not start', async () => {
    const registry = startDockerRegistry({ directory: join(directory, 'broken'), port: 99_999 });
    await expect(registry).rejects.toMatchObject({
      code: 'embedded.start_failed',
      message: expect.stringMatching(
        /ended at start by exit code 1; the end of its log:\n.*invalid port/s,
      ) as unknown,
    });
  });
});

describe('findProgram', () => {
  it('names the command that installs what is missing', () => {
    const search = {
      name: 'Frobnicator',
      candidates: ['/usr/lib/frob-*/bin/frob'],
      install: 'apt-get install frob',
    };
    expect(() => findProgram(search)).toThrow('Frobnicator is not installed here: apt-get install frob');
  });
});
