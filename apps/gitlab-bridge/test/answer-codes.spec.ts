import { waitFor } from '#lab';
import type { TestJob } from '../../../test/gitlab/index.js';
import { BridgeWorld } from './bridge-world.js';

/** What passes: GitLab's own troubles, lost races, limits. */
const passing = [408, 409, 429, 500, 502, 503, 504];

type Call = 'trace' | 'update' | 'upload';
interface Row {
  readonly call: Call;
  /** Answered one after the other, once each. */
  readonly codes: readonly number[];
  readonly script?: string;
  readonly finds: Finds;
}
/** What the CI job and the house have of it. */
type Finds = 'success' | 'left alone' | { readonly refused: RegExp };

const runs = 'echo begun; sleep 1; echo all';
const waits = 'echo begun; for n in $(seq 300); do sleep 0.2; done';

/** One job for each: what is cured by asking again shares one. */
const rows: readonly Row[] = [
  // 400, 415 and a 416 that says no size: nothing that asking again must not cure.
  { call: 'trace', codes: [...passing, 400, 415, 416], finds: 'success' },
  ...[401, 403, 404].map((code): Row => ({
    call: 'trace',
    codes: [code],
    script: waits,
    finds: 'left alone',
  })),
  ...[401, 403, 404].map((code): Row => ({
    call: 'update',
    codes: [code],
    script: waits,
    finds: 'left alone',
  })),
  { call: 'upload', codes: passing, finds: 'success' },
  ...[400, 401, 403, 404, 413, 422].map((code): Row => ({
    call: 'upload',
    codes: [code],
    finds: { refused: new RegExp(String(code)) },
  })),
];
const nameOf = ({ call, codes }: Row): string => `${call}-${codes.join('-')}`;

// Real: RabbitMQ, PostgreSQL, bridge, submitter and monitor as processes, this machine as batch system. A GitLab of the
// tests. Calls that are not the bridge's own: job-persons (keys, accounts), commit-statuses, dependencies (download).
describe('what GitLab answers', () => {
  let world: BridgeWorld;
  const jobs = new Map<string, TestJob>();
  const left = new Map<string, () => number>();

  beforeAll(async () => {
    world = await BridgeWorld.create({
      testPath: import.meta.url,
      gitlab: { limits: { traceIntervalSeconds: 1, storingPuts: 2 } },
      env: { SLIPWAY_TRACE_MS: '200', SLIPWAY_KEEP_ALIVE_MS: '300' },
    });
    await world.start();
  }, 300_000);
  afterAll(() => world.close());

  it.each([
    ['verify', [401, 403, 404, 422, 429, 500, 503]],
    ['request', [...passing, 400, 401, 403, 422]],
  ])(
    'to %s is borne, whatever it is: %j',
    async (call, codes) => {
      const faults = codes.map((status) => world.gitlab.faults.add({ call, status }));
      // Whoever is refused a job asks anew who it is.
      if (call === 'verify') world.gitlab.faults.add({ call: 'request', status: 403 });
      await waitFor(() => faults.every((fault) => fault.left() === 0), {
        what: 'all of these answers',
        deadlineMs: 60_000,
      });
      const job = await world.over(await world.queue(`job: {script: [${runs}]}\n`));
      expect(job.state).toBe('success');
      const said = world.bridges.flatMap((bridge) =>
        bridge.logs().filter((line) => line.includes(`${call === 'verify' ? 422 : 403} by the test`)),
      );
      expect(said.length).toBeGreaterThan(0);
    },
    120_000,
  );

  describe('about a job', () => {
    beforeAll(async () => {
      const yaml = rows.map((row) => {
        const artifacts = row.call === 'upload' ? '  artifacts: {paths: [out.txt]}\n' : '';
        const script = `${row.script ?? runs}${row.call === 'upload' ? '; echo x > out.txt' : ''}`;
        return `${nameOf(row)}:\n  variables: {GIT_STRATEGY: none}\n  script: [${JSON.stringify(script)}]\n${artifacts}`;
      });
      const pipeline = await world.project.runPipeline({ yaml: yaml.join('') });
      for (const row of rows) {
        const job = pipeline.job(nameOf(row));
        jobs.set(nameOf(row), job);
        plan(row, job);
      }
    });

    const plan = (row: Row, job: TestJob): void => {
      const { call } = row;
      const faults = row.codes.map((status) =>
        world.gitlab.faults.add({ call, path: `/jobs/${job.id}`, status }),
      );
      left.set(nameOf(row), () => faults.reduce((sum, fault) => sum + fault.left(), 0));
    };

    const finished = async (job: TestJob): Promise<Readonly<Record<string, unknown>>> =>
      (await world.recorder.waitFor('ci.job_finished', (said) => said['ciJobId'] === job.id)).data;

    it.each(rows.map((row) => [row.call, row.codes, row.finds, row] as const))(
      'by its %s, %j: %j',
      async (_call, _codes, finds, row) => {
        const job = jobs.get(nameOf(row));
        if (!job) throw new Error('it was not queued');
        if (finds === 'left alone') {
          const data = await finished(job);
          expect(data['outcome']).toBe('abandoned');
          // Whoever hears it in answer to the first word has begun nothing.
          for (const groupId of data['groupIds'] as string[])
            await world.recorder.waitFor('group.finished', (said) => said['groupId'] === groupId);
        } else {
          await world.over(job, 120_000);
          const state = finds === 'success' ? 'success' : 'failed';
          expect(job.state).toBe(state);
          expect((await finished(job))['outcome']).toBe(state === 'success' ? 'succeeded' : 'failed');
          const trace = job.trace.toString();
          if (typeof finds === 'object') expect(trace).toMatch(finds.refused);
          if (row.script === undefined) expect(trace).toMatch(/begun\n[^]*all\n/);
          expect(job.artifacts.length).toBe(row.call === 'upload' && finds === 'success' ? 1 : 0);
        }
        expect(left.get(nameOf(row))?.()).toBe(0);
      },
      180_000,
    );
  });

  it('is never a reason for what a good runner does not do', () => {
    expect(world.gitlab.complaints).toEqual([]);
  });
});
