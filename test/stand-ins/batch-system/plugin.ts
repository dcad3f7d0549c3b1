import { z } from 'zod';
import { permanent, temporary } from '#errors';
import type { BackendKind, BatchReport } from '#grid';
import { type SimulatedJob, simulatedJob } from './simulated-job.js';

/** What a package that brings a backend exports: this one is as small as one can be, and used by the tests. */
export const slipway = 1;

const options = z.object({ url: z.url(), settlesWithinMs: z.int().nonnegative().default(0) });

const refusal = z.object({ refused: z.enum(['temporary', 'permanent']), words: z.string() });

const simulatedKind: BackendKind = {
  kind: 'simulated',
  title: 'a batch system that runs nothing',
  async open({ settings, house }) {
    const { url, settlesWithinMs } = options.parse(settings.options);

    async function ask(path: string, body: object, signal: AbortSignal): Promise<unknown> {
      try {
        const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body), signal });
        if (answer.ok) return await answer.json();
        throw new Error(`status ${answer.status}: ${await answer.text()}`);
      } catch (cause) {
        signal.throwIfAborted();
        const words = cause instanceof Error ? cause.message : String(cause);
        throw temporary('grid.unavailable', `the simulated batch system does not answer: ${words}`, {
          cause,
        });
      }
    }

    const jobs = async (
      path: string,
      body: object,
      signal: AbortSignal,
    ): Promise<readonly SimulatedJob[]> => {
      const answer = await ask(path, body, signal);
      const refused = refusal.safeParse(answer).data;
      if (refused?.refused === 'temporary') throw temporary('grid.unavailable', refused.words);
      if (refused) throw permanent('grid.refused', refused.words);
      return z.array(simulatedJob).parse(answer);
    };
    const named = ({ attemptId, batchId }: SimulatedJob): { attemptId: string; batchId: string } => ({
      attemptId,
      batchId,
    });

    return {
      settlesWithin: settlesWithinMs,
      mostAttempts: 1_000,
      submit: async ({ id, attempts, runningAtOnce, template }, { identity, signal }) => {
        const [command] = Object.keys(template.batch);
        if (command !== undefined) throw permanent('grid.refused', `there is no submit command ${command}`);
        const body = { id, house, attempts: attempts.map((one) => one.id), identity: identity?.name };
        return (await jobs('/submit', { ...body, runningAtOnce }, signal)).map(named);
      },
      find: async ({ id }, { signal }) => (await jobs('/find', { id }, signal)).map(named),
      poll: async (_open, { signal }) => (await jobs('/poll', { house }, signal)).map(reportOf),
      cancel: async (batchIds, { signal }) => void (await ask('/cancel', { batchIds }, signal)),
      forget: async (batchIds, { signal }) => void (await ask('/forget', { batchIds }, signal)),
      ownLog: async (batchId, { signal }) =>
        (await jobs('/poll', { house }, signal)).find((job) => job.batchId === batchId)?.ownLog,
      collect: async () => [],
      probe: async ({ signal }) => {
        await ask('/counts', {}, signal);
        return 'a simulated batch system';
      },
      close: async () => undefined,
    };
  },
};

const reportOf = ({
  startedAt,
  endedAt,
  batchId,
  state,
  exitCode,
  reason,
  node,
}: SimulatedJob): BatchReport => ({
  batchId,
  state,
  exitCode,
  reason,
  node,
  startedAt: startedAt === undefined ? undefined : new Date(startedAt),
  endedAt: endedAt === undefined ? undefined : new Date(endedAt),
});

/** The kinds that the package brings, as `loadPlugins` takes them from every one. */
export const backends = [simulatedKind];
