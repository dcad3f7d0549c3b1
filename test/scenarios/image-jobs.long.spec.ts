import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchReport, Submission } from '#grid';
import {
  type BackendWorld,
  backendWorld,
  composedGroup,
  gridDeadlineMs,
  isOver,
  type OwnGrids,
  ownGrids,
  whyNoApptainer,
} from '#lab';
import { type PublishedJobImage, publishedJobImage } from './job-image.js';

const reason = whyNoApptainer();
const hasStopped = (report: BatchReport): boolean => isOver(report) || report.state === 'held';

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
  let grids: OwnGrids;
  let published: PublishedJobImage;

  beforeAll(async () => {
    published = await publishedJobImage(import.meta.url);
    const { mounts } = published;
    // As sites tell it to: our own script has it there wherever it is on the node.
    const settings = 'SINGULARITY_BIND_EXPR = "/cvmfs"';
    grids = await ownGrids('images', { condor: { slots: 4, settings, mounts }, slurm: { mounts } });
  }, gridDeadlineMs);
  afterAll(() => Promise.allSettled([grids?.close(), published?.world.close()]));

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
      const ids = await submit(group(published.image, script, ['0', '3'], node));
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
});
