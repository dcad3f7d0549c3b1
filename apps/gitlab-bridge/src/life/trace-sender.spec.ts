import { temporary } from '#errors';
import type { StateSet } from '#gitlab';
import type { CurrentLife } from './current-life.js';
import { TraceSender } from './trace-sender.js';

type Is = StateSet['is'] | 'away';

/** What GitLab was told, and what is to become of the job, where it answers so and then never again. */
async function greeted(answers: readonly Is[]): Promise<{ said: number; stop: string | undefined }> {
  let said = 0;
  const record: { stop?: string } = {};
  const over = new AbortController();
  const setState = async (): Promise<object> => {
    const is = answers[said++];
    if (is === undefined) over.abort();
    if (is === undefined || is === 'away') throw temporary('gitlab.unavailable', 'away');
    return { is, wanted: is === 'closed' ? 'stop' : 'work', jobStatus: '', words: '' };
  };
  const life = {
    record,
    about: {},
    gitlab: { setState },
    parts: {
      config: { traceMs: 1, keepAliveMs: 1, retryMs: 1 },
      metrics: { asked: () => undefined },
      log: { warn: () => undefined },
      jobs: { stop: async () => undefined },
    },
    stop: (stop: string) => void (record.stop = stop),
  };
  await new TraceSender(life as unknown as CurrentLife).greet(over.signal);
  return { said, stop: record.stop };
}

describe('the first word of a job', () => {
  it('is said until GitLab has taken it', async () => {
    expect(await greeted(['away', 'refused', 'not_yet', 'away', 'taken', 'taken'])).toEqual({
      said: 5,
      stop: undefined,
    });
  });

  it.each(['closed', 'missing'] as const)('ends the job where GitLab says that it is %s', async (is) => {
    expect(await greeted(['away', is])).toEqual({ said: 2, stop: 'stop' });
  });

  it('is said ten times to a GitLab that answers it and never takes it', async () => {
    const { said } = await greeted(Array.from({ length: 20 }, () => 'refused' as const));
    expect(said).toBe(10);
  });

  it('ends with who says it', async () => {
    expect(await greeted(['away', 'away'])).toEqual({ said: 3, stop: undefined });
  });
});
