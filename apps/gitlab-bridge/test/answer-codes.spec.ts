import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '#lab';
import type { Fault, TestJob } from '../../../test/gitlab/index.js';
import { BridgeWorld } from './bridge-world.js';

/** What passes: GitLab's own troubles, lost races, limits. */
const passing = [408, 409, 429, 500, 502, 503, 504];

type Call = 'trace' | 'update' | 'end' | 'upload';
interface Row {
  readonly call: Call;
  /** Answered one after the other, once each. */
  readonly codes: readonly number[];
  readonly script?: string;
  /** Its script goes on when all of these were answered. */
  readonly isHeld?: boolean;
  readonly fault?: Fault;
  readonly finds: Finds;
}
/** What the CI job and the house have of it. */
type Finds = 'success' | 'failed' | 'left alone' | { readonly refused: RegExp };

const runs = 'echo begun; sleep 1; echo all';
const waits = 'echo begun; for n in $(seq 300); do sleep 0.2; done';

/** One job for each: what is cured by asking again shares one. */
const rows: readonly Row[] = [
  // 400, 404, 415 and a 416 that says no size: nothing that asking again must not cure.
  { call: 'trace', codes: [...passing, 400, 404, 415, 416], finds: 'success' },
  ...[401, 403].map((code): Row => ({
    call: 'trace',
    codes: [code],
    script: waits,
    finds: 'left alone',
  })),
  { call: 'update', codes: [...passing, 202, 400, 412, 422], isHeld: true, finds: 'success' },
  ...[401, 403, 404].map((code): Row => ({
    call: 'update',
    codes: [code],
    script: waits,
    finds: 'left alone',
  })),
  // Nothing of this costs the end: what GitLab does not take is said again with less, and then once more.
  { call: 'end', codes: [...passing, 202, 412, 400, 422, 400], finds: 'success' },
  { call: 'end', codes: [400, 422, 400, 422], script: 'exit 3', finds: 'failed' },
  ...[401, 403, 404].map((code): Row => ({ call: 'end', codes: [code], finds: 'left alone' })),
  // Taken, and only the answer was lost: GitLab says that it is over.
  {
    call: 'end',
    codes: [403],
    fault: { afterwards: true, headers: { 'Job-Status': 'success' } },
    finds: 'success',
  },
  { call: 'upload', codes: [...passing, 307], finds: 'success' },
  ...[400, 401, 403, 404, 413, 422].map((code): Row => ({
    call: 'upload',
    codes: [code],
    finds: { refused: new RegExp(String(code)) },
  })),
];
const nameOf = ({ call, codes, fault }: Row): string => `${call}-${codes.join('-')}${fault ? '-told' : ''}`;

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
    ['verify', [...passing, 400, 401, 403, 404, 410, 422]],
    ['request', [...passing, 400, 401, 403, 404, 422]],
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
        const held = `echo begun; until [ -e ${goOn(row)} ]; do sleep 0.1; done; echo all`;
        const script = `${row.script ?? (row.isHeld ? held : runs)}${row.call === 'upload' ? '; echo x > out.txt' : ''}`;
        return `${nameOf(row)}:\n  variables: {GIT_STRATEGY: none}\n  script: [${JSON.stringify(script)}]\n${artifacts}`;
      });
      const pipeline = await world.project.runPipeline({ yaml: yaml.join('') });
      for (const row of rows) {
        const job = pipeline.job(nameOf(row));
        jobs.set(nameOf(row), job);
        plan(row, job);
      }
    });

    const goOn = (row: Row): string => join(world.directory, nameOf(row));
    const plan = (row: Row, job: TestJob): void => {
      const path = `/jobs/${job.id}${row.call === 'trace' ? '/trace' : row.call === 'upload' ? '/artifacts' : ''}`;
      const state = row.finds === 'failed' ? 'failed' : 'success';
      const call =
        row.call === 'end' ? { call: 'update', says: `"state":"${state}"`, path } : { call: row.call, path };
      // GitLab says twice that it is storing the trace: what is answered in place of its yes comes after that.
      if (row.fault?.afterwards) world.gitlab.faults.add({ ...call, times: 2 });
      const elsewhere = `${world.gitlab.url}/api/v4${path}?artifact_format=zip&artifact_type=archive`;
      const faults = row.codes.map((status) =>
        world.gitlab.faults.add({
          ...call,
          status,
          ...(status === 307 && { headers: { Location: elsewhere } }),
          ...row.fault,
        }),
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
        if (row.isHeld) {
          const all = { what: 'all of these answers', deadlineMs: 60_000 };
          await waitFor(() => left.get(nameOf(row))?.() === 0, all);
          await writeFile(goOn(row), '');
        }
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
          // Some failures are allowed by their exit code.
          if (finds === 'failed') expect(job.exitCode).toBe(3);
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
