import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { jobTemplate } from '#contracts';
import { listenOnFreePort } from '#embedded';
import { reproduceCommand } from './reproduce.js';

const template = (given: object = {}) =>
  jobTemplate.parse({
    environment: { A: `two words & a ' quote`, B: 'plain' },
    steps: [
      { name: 'say', script: 'printf "%s|%s\\n" "$A" "$N"' },
      { name: 'mourn', script: 'echo failed', when: 'failure' },
    ],
    ...given,
  });

describe('the command that reproduces a job', () => {
  let directory: string;
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      response.writeHead(request.url === '/cuts.txt' ? 200 : 404).end('pt > 20\n');
    });
    url = `http://127.0.0.1:${await listenOnFreePort(server)}`;
  });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-reproduce-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  afterAll(() => server.close());

  const run = async (command: string, path = process.env['PATH'] ?? ''): Promise<string> => {
    const options = { cwd: directory, encoding: 'utf8', env: { PATH: path } } as const;
    return (await promisify(execFile)('sh', ['-c', command], options)).stdout;
  };

  it('runs its steps with its variables, whatever is in them, as a shell takes it', async () => {
    const command = reproduceCommand(template(), { N: '$(id) "x"' });
    expect(await run(command)).toBe(`two words & a ' quote|$(id) "x"\n`);
  });

  it('gets its inputs first, checks them, and runs nothing where one is missing or another', async () => {
    const sha256 = createHash('sha256').update('pt > 20\n').digest('hex');
    const steps = [{ name: 'use', script: 'cat data/cuts.txt "a file"; ./tool' }];
    const inputs = [
      { path: 'data/cuts.txt', url: `${url}/cuts.txt`, sha256 },
      { path: 'a file', content: `it's $HOME\n` },
      { path: 'tool', content: '#!/bin/sh\necho works\n', executable: true },
    ];
    expect(await run(reproduceCommand(template({ steps, inputs }), {}))).toBe(`pt > 20\nit's $HOME\nworks\n`);
    const other = [{ ...inputs[0], sha256: '0'.repeat(64) }];
    await expect(run(reproduceCommand(template({ inputs: other }), {}))).rejects.toThrow('sha256sum');
    const missing = [{ path: 'none', url: `${url}/none` }];
    await expect(run(reproduceCommand(template({ inputs: missing }), {}))).rejects.toThrow('404');
  });

  it.each([
    ['docker', 'registry.example.org/a:1', ['run', '--volume', '--workdir', '/work']],
    ['apptainer', '/cvmfs/unpacked.example.org/a:1', ['exec', '--no-eval', '--bind', '/cvmfs', '--pwd']],
  ])('takes %s for %s, which sees the directory and CVMFS', async (engine, image, expected) => {
    const bin = join(directory, 'bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, engine),
      `#!/bin/sh\nfor word; do printf '%s\\n' "$word"; done > '${directory}/words'\n`,
    );
    chmodSync(join(bin, engine), 0o755);
    const steps = [
      { name: 'one', script: 'echo inside' },
      { name: 'two', script: 'echo outside', where: 'node' },
    ];
    const command = reproduceCommand(template({ image, steps }), { N: 'a b' });
    expect(await run(command, `${bin}:${process.env['PATH'] ?? ''}`)).toBe('outside\n');
    const told = readFileSync(join(directory, 'words'), 'utf8').split('\n');
    expect(told).toEqual(expect.arrayContaining([...expected, image, 'N=a b', '-c', 'echo inside']));
    expect(told.join(' ')).toContain(engine === 'docker' ? `${directory}:/work` : `--pwd ${directory}`);
  });
});
