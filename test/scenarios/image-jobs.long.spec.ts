import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join, relative } from 'node:path';
import { listenOnFreePort } from '#embedded';
import type { BatchReport, Submission } from '#grid';
import { composedGroup, GRID_DEADLINE_MS, type OwnGrids, ownGrids, waitFor, whyNoApptainer } from '#lab';
import { EdgeWorld, type KnownAttempt } from '../../apps/status-monitor/test/worker/edge-world.js';
import { type BackendWorld, backendWorld, isOver } from '../../libs/grid/test/backend-world.js';
import { programLayer } from './program-layer.js';
import { cvmfsRepository, PublisherWorld } from './publisher-world.js';

const reason = whyNoApptainer();
const CVMFS = `/cvmfs/${cvmfsRepository}`;
const hasStopped = (report: BatchReport): boolean => isOver(report) || report.state === 'held';
// What the job's own script needs where the batch system puts all of it into the image.
const applets =
  'cat chmod cp cut date dd env grep gzip head hostname id kill ls mkdir mkfifo mktemp mv od pwd rm sed setsid sh sha256sum sleep tar tee tr touch true uname wc';

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
  let grids: OwnGrids;
  let image: string;
  let edge: EdgeWorld;

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
      programLayer(['busybox', 'curl']),
      [...links, { name: 'etc/words', content: 'the image’s words\n' }],
    ];
    const config = { Env: ['PATH=/opt:/bin', 'OWN=of the image', 'OVER=of the image'] };
    const digest = await world.push('team/tool', 'v1', layers, { config });
    await world.announce({ repository: 'team/tool', tag: 'v1', digest });
    await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    image = join(CVMFS, relative(world.root, world.link('team/tool', 'v1')));
    const mounts = { [CVMFS]: world.root };
    // As sites tell it to: our own script has it there wherever it is on the node.
    const settings = 'SINGULARITY_BIND_EXPR = "/cvmfs"';
    grids = await ownGrids('images', { condor: { slots: 4, settings, mounts }, slurm: { mounts } });
    edge = await EdgeWorld.create(`${import.meta.url}-monitor`);
    await edge.start();
  }, GRID_DEADLINE_MS);
  afterAll(() => Promise.allSettled([grids?.close(), edge?.close(), world?.close()]));

  const open = (kind: 'htcondor' | 'slurm'): Promise<BackendWorld> => {
    const lab = kind === 'slurm' ? grids.slurm : grids.condor;
    const shared = kind === 'slurm' && { directory: lab.workDirectory(kind) };
    return backendWorld(lab, { house: kind, settings: { kind, tools: lab.bin, ...shared } });
  };

  it.each([
    ['htcondor', 'which HTCondor enters', false],
    ['htcondor', 'which its own script enters', true],
    ['slurm', 'which its own script enters', true],
  ] as const)(
    'on %s, %s: runs in it, and brings back its log, exit status and outputs',
    async (kind, _how, node) => {
      const { backend, call, submit, until } = await open(kind);
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
      const ids = await submit(group(image, script, ['0', '3'], node));
      const logs: string[] = [];
      for (const [index, code] of [0, 3].entries()) {
        const id = ids[index] ?? '';
        const report = await until(id, `${id} to end`, hasStopped);
        const to = await mkdtemp(join(grids.directory, 'job-'));
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
      await backend.forget(ids, call);
      await backend.close();
    },
    300_000,
  );

  describe.each([
    ['is sent its files', false],
    ['reads its files where they are', true],
  ])('that HTCondor enters, and which %s', (_how, sharedFiles) => {
    let pool: BackendWorld;
    let gate: Server;
    let opened: string;
    let isOpen = false;
    beforeAll(async () => {
      const settings = { kind: 'htcondor', tools: grids.condor.bin, sharedFiles };
      pool = await backendWorld(grids.condor, { house: `http-${sharedFiles}`, settings });
      gate = createServer((_request, response) => response.writeHead(isOpen ? 200 : 503).end());
      opened = `curl -sf http://127.0.0.1:${await listenOnFreePort(gate)}/`;
    });
    afterAll(async () => {
      await new Promise((resolve) => gate.close(resolve));
      await pool.backend.close();
    });

    /** As the submitter hands it to a batch system whose nodes reach the monitor. */
    const handedIn = (known: KnownAttempt): Submission => {
      const { wrapper, groupSettings, attemptSettings: settings } = edge.files(known);
      const { template, attemptId } = known;
      const group = { id: randomUUID(), name: 'a group', project: 'higgs', template };
      return { ...group, wrapper, groupSettings, attempts: [{ id: attemptId, settings }], transfer: 'http' };
    };

    it.each([
      [0, { state: 'succeeded', exitCode: 0 }],
      [3, { state: 'failed', exitCode: 3, reason: { fault: 'script-failed' } }],
    ])(
      'speaks to the monitor itself: its log as it is written, its outputs and its exit status %i',
      async (code, expected) => {
        isOpen = false;
        const known = await edge.queue({
          image,
          steps: [
            {
              name: 'script',
              script: `cat /etc/words; until ${opened}; do sleep 1; done; echo "$OWN, $OVER" | tee r.txt; exit ${code}`,
            },
          ],
          environment: { OVER: 'of the job' },
          inputs: [{ path: 'in/put.txt', content: 'given' }],
          outputs: ['r.txt', 'in'],
          resources: { memoryBytes: 256 * 2 ** 20, diskBytes: 64 * 2 ** 20 },
        });
        const [id = ''] = await pool.submit(handedIn(known));
        await waitFor(async () => (await edge.log(known.attemptId)).includes('the image’s words\n'), {
          what: 'the log of the running job',
          deadlineMs: 120_000,
        }).catch(async (error: unknown) => {
          throw new Error(`${await pool.backend.ownLog(id, pool.call)}`, { cause: error });
        });
        expect(await edge.attempt(known.attemptId)).toMatchObject({ state: 'running' });
        isOpen = true;
        const report = await pool.until(id, 'the job to end', hasStopped);
        const log = await edge.log(known.attemptId);
        expect({ report, log }).toMatchObject({
          report: { state: 'ended', exitCode: code },
          log: expect.stringContaining('of the image, of the job\n'),
        });
        const attempt = await edge.attempt(known.attemptId);
        expect(attempt).toMatchObject({ ...expected, usage: { inputBytes: [5] } });
        const outputs = await edge.outputs.find(attempt);
        expect(outputs?.files.map(({ path }) => path).sort()).toEqual(['in/', 'in/put.txt', 'r.txt']);
        const own = (await pool.backend.ownLog(id, pool.call)) ?? '';
        if (sharedFiles) expect(own).not.toMatch(/transferring input files/i);
        else expect(own).toMatch(/transferring input files/i);
        await pool.backend.forget([id], pool.call);
      },
      300_000,
    );

    it('ends at once when it is cancelled, for it hears so from the monitor', async () => {
      const known = await edge.queue({ image, steps: [{ name: 'script', script: 'echo begun; sleep 600' }] });
      const [id = ''] = await pool.submit(handedIn(known));
      await waitFor(async () => (await edge.log(known.attemptId)).includes('begun\n'), {
        what: 'the job to run',
        deadlineMs: 120_000,
      });
      const cancelled = { fault: 'cancelled', words: 'cancelled by ada' } as const;
      await edge.ledger.report(known.attemptId, {
        from: 'submitter',
        state: 'cancelling',
        at: new Date(),
        reason: cancelled,
      });
      expect(await pool.until(id, 'the job to end', hasStopped)).toMatchObject({ exitCode: 143 });
      expect(await edge.attempt(known.attemptId)).toMatchObject({ state: 'cancelled', reason: cancelled });
    }, 300_000);
  });
});
