import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { backendResource } from '#contracts';
import {
  backendKinds,
  type BatchReport,
  type Call,
  type GridBackend,
  openBackend,
  type Submission,
} from '#grid';
import {
  composedGroup,
  GRID_DEADLINE_MS,
  type OwnCondor,
  type OwnSlurm,
  startCondor,
  startSlurm,
  waitFor,
  whyNoApptainer,
} from '#lab';
import { programLayer } from './program-layer.js';
import { cvmfsRepository, PublisherWorld } from './publisher-world.js';

const reason = whyNoApptainer();
const CVMFS = `/cvmfs/${cvmfsRepository}`;
const call: Call = { signal: AbortSignal.timeout(900_000) };
// What the job's own script needs where the batch system puts all of it into the image.
const applets =
  'cat chmod cp cut date dd env grep gzip head hostname id ls mkdir mktemp mv od pwd rm sed setsid sh sha256sum sleep tar tr touch true uname wc';

/** One job for each of these codes. */
const group = (image: string, script: string, codes: readonly string[], node: boolean): Submission =>
  composedGroup(
    {
      image,
      environment: { OVER: 'of the job, $HOME `id` "it\'s"' },
      steps: [
        { name: 'script', script },
        ...(node
          ? [{ name: 'beside', script: 'echo "beside: $(cat result.txt)"', where: 'node' as const }]
          : []),
      ],
      outputs: ['*.txt'],
      resources: { memoryBytes: 256 * 2 ** 20, diskBytes: 64 * 2 ** 20 },
    },
    codes.map((CODE) => ({ key: CODE, variables: { CODE } })),
  );

// Real: HTCondor and Slurm with Apptainer on their nodes, and what cvmfs-publisher made of an image, as their /cvmfs.
(reason === undefined ? describe : describe.skip)(reason ?? 'a job in a published image', () => {
  let world: PublisherWorld;
  let directory: string;
  let image: string;
  let condor: OwnCondor;
  let slurm: OwnSlurm;

  beforeAll(async () => {
    world = await PublisherWorld.create({
      testPath: import.meta.url,
      repository: { bindPoints: ['/cvmfs'] },
    });
    await world.startPublisher();
    const links = applets.split(' ').map((name) => {
      return { name: `bin/${name}`, type: 'symlink', linkname: 'busybox' } as const;
    });
    const layers = [
      programLayer(['busybox']),
      [...links, { name: 'etc/words', content: 'the image’s words\n' }],
    ];
    const config = { Env: ['PATH=/opt:/bin', 'OWN=of the image', 'OVER=of the image'] };
    const digest = await world.push('team/tool', 'v1', layers, { config });
    await world.announce({ repository: 'team/tool', tag: 'v1', digest });
    await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    image = join(CVMFS, relative(world.root, world.link('team/tool', 'v1')));
    directory = await mkdtemp(join(tmpdir(), 'slipway-images-'));
    const mounts = { [CVMFS]: world.root };
    // As sites tell it to: our own script has it there wherever it is on the node.
    const settings = 'SINGULARITY_BIND_EXPR = "/cvmfs"';
    condor = await startCondor({ directory: join(directory, 'condor'), slots: 4, settings, mounts });
    slurm = await startSlurm({ directory: join(directory, 'slurm'), mounts });
  }, GRID_DEADLINE_MS);
  afterAll(async () => {
    await Promise.allSettled([condor?.kill(), slurm?.kill(), world?.close()]);
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  const open = (kind: 'htcondor' | 'slurm'): Promise<GridBackend> => {
    const lab = kind === 'slurm' ? slurm : condor;
    const shared = lab.workDirectory(kind);
    const settings = { name: 'pool', kind, tools: lab.bin, ...(kind === 'slurm' && { directory: shared }) };
    return openBackend(backendKinds, {
      settings: backendResource.schema.parse(settings),
      house: kind,
      directory: shared,
      logger: { info: () => {}, warn: () => {} },
    });
  };

  it.each([
    ['htcondor', 'which HTCondor enters', false],
    ['htcondor', 'which its own script enters', true],
    ['slurm', 'which its own script enters', true],
  ] as const)(
    'on %s, %s: runs in it, and brings back its log, exit status and outputs',
    async (kind, _how, node) => {
      const backend = await open(kind);
      const script = [
        'cat /etc/words',
        'printf "own=%s\\nover=%s\\n" "$OWN" "$OVER"',
        'printf "path=%s\\nuser=%s\\n" "$PATH" "$(id -u)"',
        '[ "$(pwd)" = "$SLIPWAY_WORK_DIRECTORY" ] && touch "$TMPDIR/scratch" && echo at home',
        'touch /etc/new 2>/dev/null || echo refused',
        'ls /cvmfs',
        'echo "code $CODE" >result.txt',
        'exit $CODE',
      ].join('\n');
      const jobs = await backend.submit(group(image, script, ['0', '3'], node), call);
      const over = ({ state }: BatchReport): boolean => ['ended', 'gone', 'held'].includes(state);
      const logs: string[] = [];
      for (const [index, code] of [0, 3].entries()) {
        const id = jobs[index]?.batchId ?? '';
        const report = await waitFor(
          async () =>
            (await backend.poll(new Set([id]), call)).find((one) => one.batchId === id && over(one)),
          { what: `${id} to end`, deadlineMs: 120_000 },
        ).catch(async (error: unknown) => {
          throw new Error(`${await backend.ownLog(id, call)}`, { cause: error });
        });
        const to = await mkdtemp(join(directory, 'job-'));
        const files = report.state === 'ended' ? await backend.collect(id, to, call) : [];
        const left = async (name: string): Promise<string> =>
          files.includes(name) ? readFile(join(to, name), 'utf8') : '';
        const log = await left('slipway.log');
        const told = { report, log, end: await left('slipway-end'), own: await backend.ownLog(id, call) };
        expect(told).toMatchObject({
          report: { state: 'ended', exitCode: code },
          log: expect.not.stringContaining('FATAL'),
        });
        expect(told.end).toContain(code === 0 ? 'fault=\n' : 'fault=script-failed');
        const archive = join(to, 'slipway-outputs.tar.gz');
        const packed = execFileSync('tar', ['-xzOf', archive, '--wildcards', '*result.txt']);
        expect(packed.toString()).toBe(`code ${code}\n`);
        logs.push(log);
      }
      for (const log of logs) {
        expect(log).toContain('the image’s words\n');
        expect(log).toContain('own=of the image\nover=of the job, $HOME `id` "it\'s"\n');
        expect(log).toMatch(/path=\/opt:\/bin\S*\nuser=4711\nat home\nrefused\nunpacked.example.org\n/);
      }
      if (node) expect(logs[0]).toContain('beside: code 0\n');
      await backend.forget(
        jobs.map(({ batchId }) => batchId),
        call,
      );
      await backend.close();
    },
    300_000,
  );
});
