import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenOnFreePort } from '#embedded';
import { waitFor } from '#lab';
import { beginJob, type EndedJob, endOf, type JobToRun, shells, step } from './run-job.js';

/** A job whose worker node has no way out: what it leaves beside itself is all that there is. */
interface Left extends EndedJob {
  readonly directory: string;
  readonly log: string;
  readonly end: Readonly<Record<string, string>>;
}

const directories: string[] = [];

async function run(job: JobToRun): Promise<Left> {
  const { directory, ended } = await beginJob(job);
  directories.push(directory);
  const { code, said } = await ended;
  const log = await readFile(join(directory, 'slipway.log'), 'utf8');
  return { code, said, directory, log, end: await endOf(directory) };
}

afterAll(() => Promise.all(directories.map((path) => rm(path, { recursive: true, force: true }))));

describe.each(shells)('a job under %s', (_name, shell) => {
  it('has its environment, whatever bytes are in it, and one step after the other', async () => {
    const odd = `it's "$HOME" \`x\` \\n ${String.fromCharCode(...Array.from({ length: 255 }, (_, n) => n + 1))}\n\n`;
    const { code, log, end, said } = await run({
      shell,
      template: {
        steps: [
          step('printf %s "$ODD" | od -An -tx1 | tr -d " \\n"; echo; printf "key=%s\\n" "$SLIPWAY_ITEM"'),
          step("printf '%s' 'it'\\''s' >file; cat file; echo \" $ITEM $SLIPWAY_ATTEMPT\"", {
            name: 'two words',
          }),
        ],
        environment: { ODD: odd, ITEM: 'of the template' },
      },
      key: "a 'key'",
      variables: { ITEM: 'of the item' },
    });
    expect(log).toContain(`\n${Buffer.from(odd).toString('hex')}\n`.slice(1));
    expect(log).toContain("key=a 'key'\n");
    expect(log).toContain("it's of the item 1\n");
    expect(end).toMatchObject({ exit: '', fault: '', log: String(Buffer.byteLength(log)) });
    expect({ code, said }).toEqual({ code: 0, said: 'slipway: succeeded\n' });
  });

  it('fails with the exit status of its first failing step; what is for failures comes after it', async () => {
    const { code, log, end } = await run({
      shell,
      template: {
        steps: [
          step('echo begun; false; echo "not reached"', { name: 'first' }),
          step('echo "not reached"', { name: 'second' }),
          step('echo "seen: $SLIPWAY_STATUS"; exit 9', { name: 'third', when: 'failure' }),
          step('echo "in any case"', { name: 'fourth', when: 'always' }),
        ],
      },
    });
    expect(log).not.toContain('not reached');
    expect(log).toMatch(/begun[^]*seen: failure[^]*in any case/);
    expect(end).toMatchObject({ exit: '1', fault: 'script-failed', step: 'first' });
    expect(code).toBe(1);
  });

  it('is ended with all that came of it when a step takes too long, deaf to TERM or not', async () => {
    const { code, end, directory } = await run({
      shell,
      graceSeconds: 1,
      template: {
        steps: [
          step(
            `trap '' TERM; (sh -c 'echo $$ >child; trap "" TERM; while :; do sleep 1; done') & setsid sh -c 'echo $$ >hidden; while :; do sleep 1; done' & cp "$0" /dev/null; while :; do sleep 1; done`,
            { name: 'long', timeoutSeconds: 2 },
          ),
          step('cat child hidden >pids', { name: 'after', when: 'always' }),
        ],
        outputs: ['pids'],
      },
    });
    expect(end).toMatchObject({ fault: 'script-timeout', step: 'long' });
    expect(code).toBe(124);
    execFileSync('tar', ['-xzf', 'slipway-outputs.tar.gz'], { cwd: directory });
    const pids = (await readFile(join(directory, 'pids'), 'utf8')).trim().split('\n').map(Number);
    expect(pids).toHaveLength(2);
    await waitFor(() => pids.every((pid) => !existsSync(`/proc/${pid}`)), {
      what: 'the end of every process',
    });
  });

  it('brings its outputs, and fails when one is missing', async () => {
    const { code, end, directory } = await run({
      shell,
      template: {
        steps: [
          step("mkdir -p 'dir a/b'; echo 1 >'dir a/b/c'; echo 2 >x1.txt; echo 3 >x2.txt; echo 4 >'[x]'"),
        ],
        outputs: ['dir a', 'x?.txt', '[x]', 'none-*'],
      },
    });
    expect(end).toMatchObject({ fault: 'output-missing' });
    expect(end.words).toContain('none-*');
    expect(code).toBe(1);
    const packed = await readFile(join(directory, 'slipway-outputs.tar.gz'));
    expect(createHash('sha256').update(packed).digest('hex')).toBe(end.sha256);
    const names = execFileSync('tar', ['-tzf', 'slipway-outputs.tar.gz'], {
      cwd: directory,
      encoding: 'utf8',
    });
    expect(names.trim().split('\n').sort()).toEqual(
      ['./dir a/', './dir a/b/', './dir a/b/c', './x1.txt', './x2.txt', './[x]'].sort(),
    );
  });

  it('leaves nothing but what is to be brought back', async () => {
    const { directory } = await run({
      shell,
      template: { steps: [step('mkdir -p locked/in; chmod 500 locked; sleep 300 & echo done')] },
    });
    expect((await readdir(directory)).sort()).toEqual([
      'slipway-end',
      'slipway-group.sh',
      'slipway-job.sh',
      'slipway.log',
    ]);
  });
});

describe('inputs', () => {
  let server: Server;
  let url: string;
  let refusals = 2;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/flaky' && refusals-- > 0) return response.writeHead(503).end();
      if (request.url === '/missing') return response.writeHead(404).end();
      return response.end('the data\n');
    });
    url = `http://127.0.0.1:${await listenOnFreePort(server)}`;
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const sha256 = createHash('sha256').update('the data\n').digest('hex');

  it('are there when the steps begin: given or fetched, tried again, checked, executable', async () => {
    const { end, log } = await run({
      template: {
        steps: [step('./bin/run; cat data')],
        inputs: [
          { path: 'bin/run', content: '#!/bin/sh\necho "it\'s run"\n', executable: true },
          { path: 'data', url: `${url}/flaky`, sha256 },
        ],
      },
    });
    expect(end).toMatchObject({ fault: '', inputs: '1:26 2:9' });
    expect(log).toMatch(/it's run\nthe data\n/);
  });

  it.each([['is not what was asked for', { content: 'other', sha256 }]])(
    'that %s is a fault of its own, and no step runs',
    async (_what, input) => {
      const { end, log } = await run({
        template: { steps: [step('echo never')], inputs: [{ path: 'data', ...input }] },
      });
      expect(end).toMatchObject({ fault: 'input-missing', exit: '' });
      expect(log).not.toContain('never');
    },
  );
});

describe('an image', () => {
  it('that the node cannot run is the fault of the node', async () => {
    const { end } = await run({
      template: { steps: [step('echo never')], image: '/cvmfs/unpacked.example.org/none' },
    });
    expect(end).toMatchObject({ fault: 'node-failed' });
    expect(end.words).toContain('/cvmfs/unpacked.example.org/none');
  });

  it('is entered with the directory of the job, by apptainer or singularity', async () => {
    const bin = await mkdtemp(join(tmpdir(), 'slipway-engine-'));
    directories.push(bin);
    await mkdir(join(bin, 'bin'));
    // Stands in for the engine: says what it was told, and runs it here.
    await writeFile(
      join(bin, 'bin', 'singularity'),
      '#!/bin/sh\necho "engine: $*"\necho "over: $SINGULARITYENV_ODD|$SINGULARITYENV_ITEM|$SINGULARITY_NO_EVAL|$SINGULARITYENV_HOME"\nwhile [ "$1" != docker://registry.example.org/image:1 ]; do shift; done\nshift\nexec "$@"\n',
    );
    await chmod(join(bin, 'bin', 'singularity'), 0o755);
    const { end, log } = await run({
      template: {
        steps: [
          step('echo inside >file; cat file'),
          step('printf "beside %s\\n" "$(cat file)"', { name: 'node', where: 'node' }),
        ],
        image: 'registry.example.org/image:1',
        environment: { ODD: `$(id) 'x'`, HOME: '/elsewhere' },
      },
      variables: { ITEM: '1' },
      environment: { PATH: `${join(bin, 'bin')}:${process.env.PATH}` },
    });
    expect(end).toMatchObject({ fault: '' });
    expect(log).toMatch(
      /engine: exec .*--bind .* --pwd .*\/work docker:\/\/registry.example.org\/image:1 \/bin\/sh -e [^]*inside[^]*beside inside/,
    );
    // Over what the image says of the same names, and as it is written.
    expect(log).toContain(`over: $(id) 'x'|1|1|\n`);
    expect(log.match(/engine: exec/g)).toHaveLength(1);
  });
});

describe('signals from the batch system', () => {
  it('end the job, and it says so', async () => {
    const {
      directory,
      process: wrapper,
      ended,
      says,
    } = await beginJob({
      graceSeconds: 1,
      template: { steps: [step('echo begun; sleep 300')], outputs: ['x'] },
    });
    directories.push(directory);
    await says('begun');
    wrapper.kill('SIGTERM');
    expect((await ended).code).toBe(143);
    expect(await endOf(directory)).toMatchObject({ fault: 'evicted' });
  });

  it('that a step dies of are told', async () => {
    const { end, code } = await run({ template: { steps: [step('kill -9 $$')] } });
    expect(end).toMatchObject({ fault: 'script-failed', exit: '137', signal: '9' });
    expect(code).toBe(137);
  });
});
