import { permanent, temporary } from '#errors';
import type { JobState, StateSet } from '#gitlab';
import type { Ending } from '../domain/ci-job.js';
import type { CurrentLife } from './current-life.js';
import { finish } from './finish.js';

const failed: Ending = {
  state: 'failed',
  outcome: 'failed',
  failureReason: 'image_pull_failure',
  exitCode: 3,
};
const succeeded: Ending = { state: 'success', outcome: 'succeeded' };
const trace = { crc32: 7, bytes: 100 };

interface Options {
  readonly giveUpSeconds?: number;
  /** What comes of sending the trace. */
  readonly sent?: string;
  /** So often GitLab refuses a piece of the trace; 3 are too many. */
  readonly refusals?: number;
}

type Is = StateSet['is'] | 'away';

/** What GitLab is told, how the job is kept, and what the log says of it, where GitLab answers so; in the end: yes. */
async function told(
  ending: Ending,
  answers: readonly Is[],
  { giveUpSeconds = 60, sent = 'all', refusals = 0 }: Options = {},
): Promise<{ said: JobState[]; outcome: string; log: string[]; lost: number | undefined }> {
  const said: JobState[] = [];
  const log: string[] = [];
  const left = [...answers];
  let outcome = '';
  let lost: number | undefined;
  let refused = 0;
  const record = {
    ending,
    isTraceClosed: true,
    finishingAt: new Date(),
    traceCrc: 7,
    traceBytes: 100,
    traceAcked: 40,
  };
  const setState = async (state: JobState): Promise<object> => {
    said.push(state);
    const is = left.shift() ?? 'taken';
    if (is === 'away') throw temporary('gitlab.unavailable', 'away');
    return { is, wanted: is === 'closed' ? 'stop' : 'work', jobStatus: '', words: 'says why', intervalMs: 1 };
  };
  const noted = (level: string) => (_fields: object, text: string) => void log.push(`${level}: ${text}`);
  const life = {
    record,
    about: {},
    isUnwanted: false,
    signal: new AbortController().signal,
    gitlab: { setState },
    sender: {
      pauseMs: () => 0,
      waitAfter: () => 1,
      get isRefused() {
        return refused >= 3;
      },
      send: async () => {
        if (refused < refusals) {
          refused++;
          throw permanent('gitlab.trace_refused', 'no');
        }
        record.traceAcked = 100;
        return sent;
      },
    },
    parts: {
      config: { giveUpSeconds },
      metrics: { asked: () => undefined },
      log: { warn: noted('warn'), error: noted('error') },
    },
    over: async (end: Ending) => void ([outcome, lost] = [end.outcome, end.lostTraceBytes]),
  };
  await finish(life as unknown as CurrentLife);
  return { said, outcome, log, lost };
}

describe('the end of a job', () => {
  const full = { state: 'failed', failureReason: 'image_pull_failure', exitCode: 3, trace };

  it('is told with less where GitLab does not take it, the exit code as long as it can be', async () => {
    const { said, outcome, log } = await told(failed, ['refused', 'refused']);
    expect(said).toEqual([full, { ...full, failureReason: 'script_failure' }, { state: 'failed' }]);
    expect({ outcome, log }).toEqual({ outcome: 'failed', log: [] });
  });

  it('is told again in full where GitLab took it in no wording, which the log says once', async () => {
    const six: Is[] = ['refused', 'refused', 'refused', 'refused', 'refused', 'refused'];
    const { said, outcome, log } = await told(failed, six);
    expect(said).toHaveLength(7);
    expect(said[6]).toEqual(full);
    expect({ outcome, log: log.length }).toEqual({ outcome: 'failed', log: 1 });
  });

  it('that succeeded is no other for it', async () => {
    const { said, outcome } = await told(succeeded, ['refused', 'away', 'refused', 'not_yet']);
    expect(said.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'success'));
    expect(outcome).toBe('succeeded');
  });

  it('is told without the trace’s checksum where GitLab finds the trace different whatever is sent', async () => {
    const differs: Is[] = Array.from({ length: 6 }, () => 'trace_differs');
    const { said, outcome } = await told(succeeded, differs);
    expect(said.slice(0, 6).every((state) => state.trace !== undefined)).toBe(true);
    expect(said.slice(6)).toEqual([{ state: 'success' }]);
    expect(outcome).toBe('succeeded');
  });

  it('is told where GitLab has no place for the trace', async () => {
    const { said, outcome } = await told(succeeded, [], { sent: 'closed' });
    expect(said).toHaveLength(1);
    expect(outcome).toBe('succeeded');
  });

  it('waits for its trace where GitLab refuses a piece of it now and then', async () => {
    const { said, lost, outcome } = await told(failed, [], { refusals: 2 });
    expect({ said, lost, outcome }).toEqual({ said: [full], lost: undefined, outcome: 'failed' });
  });

  it('is told without the trace where GitLab refuses that for good, which the log says once', async () => {
    const { said, outcome, lost, log } = await told(failed, ['away', 'not_yet'], { refusals: 100 });
    const { trace: _trace, ...rest } = full;
    expect(said).toEqual([rest, rest, rest]);
    expect({ outcome, lost }).toEqual({ outcome: 'failed', lost: 60 });
    expect(log.filter((line) => line.startsWith('error: GitLab refuses the trace'))).toHaveLength(1);
  });

  it('is an error in the log, and abandoned, where GitLab takes it for too long a time in no way', async () => {
    const { said, outcome, log } = await told(succeeded, ['refused', 'refused'], { giveUpSeconds: 0 });
    expect(said).toHaveLength(2);
    expect(outcome).toBe('abandoned');
    expect(log[0]).toMatch(/^error: GitLab did not take/);
  });

  it.each(['closed', 'missing'] as const)('is told once where GitLab says that it is %s', async (is) => {
    const { said, outcome } = await told(succeeded, [is]);
    expect({ said: said.length, outcome }).toEqual({ said: 1, outcome: 'abandoned' });
  });
});
