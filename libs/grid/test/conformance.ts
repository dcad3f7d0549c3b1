import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobTemplate } from '#contracts';
import { waitFor } from '#lab';
import type { BatchReport, Call, GridBackend, Submission } from '#grid';

/** What a backend under test comes with. */
export interface Conformance {
  readonly name: string;
  /** Called once, before the first test. */
  open(): Promise<{ readonly backend: GridBackend; readonly identity?: Call['identity'] }>;
  /** Called once, at the end. */
  close?(): Promise<void>;
  /** How long the batch system may take from a submission to the end of a short job, in milliseconds. */
  readonly patienceMs?: number;
  /** Whether `collect` brings files back. */
  readonly transfers: boolean;
  /** Whether jobs really run, so that exit codes and files can be looked at. DiracX without pilots runs none. */
  readonly runs: boolean;
  /** Whether the backend makes a submission's jobs wait for one another where `runningAtOnce` says so. */
  readonly throttles: boolean;
}

interface World {
  readonly backend: GridBackend;
  readonly call: Call;
}

/** A wrapper for these tests: it does what its settings say, so that a backend is tested without the real one. */
const wrapper = `#!/bin/sh
. ./slipway-group.sh
. "./\${1:-slipway-attempt.sh}"
echo "attempt $ATTEMPT of $GROUP" > slipway.log
eval "$DO"
`;

const settingsOf = (id: string, does: string): string => `ATTEMPT='${id}'\nDO='${does}'\n`;

/** `does`: one shell command without single quotes for each attempt. */
export function submissionOf(does: readonly string[], changes: Partial<Submission> = {}): Submission {
  const attempts = does.map((one) => {
    const id = randomUUID();
    return { id, settings: settingsOf(id, one) };
  });
  const { steps, resources, priority, batch } = jobTemplate.parse({
    steps: [{ name: 'script', script: 'true' }],
  });
  return {
    id: randomUUID(),
    name: 'a test; with "odd" $(characters) & more',
    project: 'higgs',
    template: {
      steps,
      resources: { ...resources, memoryBytes: 64 * 2 ** 20, diskBytes: 64 * 2 ** 20, wallTimeSeconds: 120 },
      priority,
      batch,
    },
    wrapper,
    groupSettings: "GROUP='a group'\n",
    attempts,
    transfer: 'backend',
    ...changes,
  };
}

/** The one suite that every backend passes, against the real batch system. */
export function itConforms(conformance: Conformance): void {
  describe(`the ${conformance.name} backend`, () => {
    const patience = { deadlineMs: conformance.patienceMs ?? 30_000 };
    let world: World | undefined;
    const the = (): World => {
      if (!world) throw new Error('the batch system did not come up');
      return world;
    };

    beforeAll(async () => {
      const { backend, identity } = await conformance.open();
      world = { backend, call: { identity, signal: AbortSignal.timeout(600_000) } };
    }, 300_000);

    afterAll(async () => {
      await world?.backend.close();
      await conformance.close?.();
    });

    /** What the batch system says of these jobs, once it says for all of them what is waited for. */
    async function until(
      ids: readonly string[],
      what: string,
      holds: (report: BatchReport) => boolean,
    ): Promise<readonly BatchReport[]> {
      const { backend, call } = the();
      let found: readonly BatchReport[] = [];
      await waitFor(
        async () => {
          const reports = await backend.poll(new Set(ids), call);
          found = ids.flatMap((id) => reports.filter(({ batchId }) => batchId === id));
          return found.length === ids.length && found.every(holds);
        },
        { ...patience, what },
      );
      return found;
    }

    const over = ({ state }: BatchReport): boolean => state === 'ended' || state === 'gone';

    async function submit(submission: Submission): Promise<readonly string[]> {
      const { backend, call } = the();
      const jobs = await backend.submit(submission, call);
      expect(jobs.map(({ attemptId }) => attemptId)).toEqual(submission.attempts.map(({ id }) => id));
      return jobs.map(({ batchId }) => batchId);
    }

    it('says what it is when it is probed', async () => {
      const { backend, call } = the();
      expect(await backend.probe(call)).toMatch(/\S/);
    });

    it('gives each attempt an id of its own in the batch system', async () => {
      const ids = await submit(submissionOf(['true', 'true', 'true']));
      expect(new Set(ids).size).toBe(3);
      await the().backend.cancel(ids, the().call);
    });

    it('finds what was submitted, by the id of the submission', async () => {
      const { backend, call } = the();
      const submission = submissionOf(['sleep 60', 'sleep 60']);
      const ids = await submit(submission);
      const found = await backend.find(submission, call);
      expect(found).toEqual(submission.attempts.map(({ id }, n) => ({ attemptId: id, batchId: ids[n] })));
      await backend.cancel(ids, call);
    });

    it('finds nothing of what was never submitted', async () => {
      const { backend, call } = the();
      expect(await backend.find(submissionOf(['true']), call)).toEqual([]);
    });

    it('cancels jobs, and does not mind those it does not know any more', async () => {
      const { backend, call } = the();
      const ids = await submit(submissionOf(['sleep 600', 'sleep 600']));
      await backend.cancel(ids, call);
      for (const { state } of await until(ids, 'cancelled jobs to be over', over)) expect(state).toBe('gone');
      await backend.cancel(ids, call);
      await backend.forget(ids, call);
      await backend.cancel(ids, call);
    });

    if (conformance.runs) runs();

    function runs(): void {
      it('tells how each job ended', async () => {
        const ids = await submit(submissionOf(['true', 'exit 3', 'kill -9 $$']));
        const [well, badly, killed] = await until(ids, 'three jobs to end', over);
        expect(well).toMatchObject({ state: 'ended', exitCode: 0 });
        expect(badly).toMatchObject({ state: 'ended', exitCode: 3 });
        expect(killed?.exitCode === 137 || killed?.signal === 9).toBe(true);
        expect(well?.startedAt?.getTime()).toBeLessThanOrEqual(well?.endedAt?.getTime() ?? 0);
      });

      it('shows a job that runs as running, with its node', async () => {
        const ids = await submit(submissionOf(['sleep 120']));
        const [report] = await until(ids, 'a job to run', ({ state }) => state === 'running');
        expect(report?.node).toMatch(/\S/);
        await the().backend.cancel(ids, the().call);
      });

      if (conformance.transfers) transfers();

      it('runs no job with what is in the environment of the service', async () => {
        process.env.SLIPWAY_CONFORMANCE_SECRET = 'leaked';
        try {
          const ids = await submit(submissionOf(['test -z "$SLIPWAY_CONFORMANCE_SECRET"']));
          const [report] = await until(ids, 'a job to end', over);
          expect(report).toMatchObject({ state: 'ended', exitCode: 0 });
        } finally {
          delete process.env.SLIPWAY_CONFORMANCE_SECRET;
        }
      });

      it('keeps the settings of an attempt from other users', async () => {
        const ids = await submit(submissionOf(['ls -l slipway-attempt.sh | grep -q "^-r[w-]-------"']));
        const [report] = await until(ids, 'a job to end', over);
        expect(report).toMatchObject({ state: 'ended', exitCode: 0 });
      });

      if (conformance.throttles)
        it('runs no more of a group at once than it may', async () => {
          const ids = await submit(submissionOf(Array(4).fill('sleep 2'), { runningAtOnce: 1 }));
          const reports = await until(ids, 'four jobs to end, one by one', over);
          const spans = reports
            .map(({ startedAt, endedAt }) => [startedAt?.getTime() ?? 0, endedAt?.getTime() ?? 0] as const)
            .sort(([a], [b]) => a - b);
          for (const [n, [start]] of spans.entries())
            expect(start).toBeGreaterThanOrEqual(n === 0 ? 1 : (spans[n - 1]?.[1] ?? Infinity));
        });
    }

    function transfers(): void {
      it('brings back what a job left, and nothing else', async () => {
        const { backend, call } = the();
        const submission = submissionOf(['echo outputs > slipway-outputs.tar.gz; echo more > other; exit 4']);
        const [id = ''] = await submit(submission);
        await until([id], 'a job to end', over);
        const directory = await mkdtemp(join(tmpdir(), 'slipway-collect-'));
        try {
          const files = await backend.collect(id, directory, call);
          expect([...files].sort()).toEqual(['slipway-outputs.tar.gz', 'slipway.log']);
          expect(await readFile(join(directory, 'slipway-outputs.tar.gz'), 'utf8')).toBe('outputs\n');
          expect(await readFile(join(directory, 'slipway.log'), 'utf8')).toBe(
            `attempt ${submission.attempts[0]?.id} of a group\n`,
          );
        } finally {
          await rm(directory, { recursive: true });
        }
      });
    }

    it('has a log of its own of a job, for people, or says that it has none', async () => {
      const { backend, call } = the();
      const [id = ''] = await submit(submissionOf(['true']));
      expect(['string', 'undefined']).toContain(typeof (await backend.ownLog(id, call)));
      await backend.cancel([id], call);
    });

    it('refuses for good what the batch system can never run, in its words', async () => {
      const { backend, call } = the();
      const { template, ...rest } = submissionOf(['true']);
      const submission = {
        ...rest,
        template: { ...template, batch: { 'not an allowed command': 'x\nqueue 5' } },
      };
      await expect(backend.submit(submission, call)).rejects.toMatchObject({
        code: 'grid.refused',
        temporary: false,
      });
      expect(await backend.find(submission, call)).toEqual([]);
    });

    it('stops waiting when the call is ended', async () => {
      const signal = AbortSignal.abort();
      await expect(the().backend.poll(new Set(), { ...the().call, signal })).rejects.toThrow();
    });
  });
}
