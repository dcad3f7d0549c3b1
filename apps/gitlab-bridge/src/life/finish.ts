import { setTimeout as pause } from 'node:timers/promises';
import { AppError, permanent, toAppError } from '#errors';
import { type JobState, noticeLine, type StateSet } from '#gitlab';
import type { Ending } from '../domain/ci-job.js';
import type { CurrentLife } from './current-life.js';

/** Until GitLab says when to come back. */
const storingMs = 1_000;
/** So often is a trace that GitLab finds different sent anew; then the end is told without saying what the trace is. */
const mostResent = 5;

/** Brings all of the trace and the end of a job to GitLab, however long that takes. */
export async function finish(life: CurrentLife): Promise<void> {
  const { record, signal, parts } = life;
  const { ending } = record;
  if (!ending) throw new Error('a job that is to be finished has no ending');
  if (!record.isTraceClosed) await life.trace.own(lastLine(ending), { isClosed: true });
  const giveUpAt = (record.finishingAt ?? new Date()).getTime() + parts.config.giveUpSeconds * 1_000;
  let resent = 0;
  let isHeldUp = false;
  let lost: number | undefined;
  while (!signal.aborted) {
    // What was refused while the job ran may have to wait longer.
    await sleep(life.sender.pauseMs(), signal);
    try {
      if (lost === undefined && (await drain(life)) === 'closed' && life.isUnwanted)
        return life.over(abandoned(life, ending));
      const answer = await tell(life, ending, lost === undefined && resent <= mostResent);
      if (answer.is === 'trace_differs') {
        if (resent++ > mostResent) throw notTaken(answer.is);
        record.traceAcked = 0;
      } else if (answer.is === 'not_yet') await sleep(answer.intervalMs ?? storingMs, signal);
      else {
        const told = lost === undefined ? ending : { ...ending, lostTraceBytes: lost };
        return life.over(isTold(answer, ending) ? told : abandoned(life, told));
      }
    } catch (thrown) {
      const error = toAppError(thrown);
      if (!isGitLabs(error)) throw error;
      const about = { ...life.about, state: ending.state, code: error.code, err: error.message };
      if (error.code === 'gitlab.trace_refused' && life.sender.isRefused) {
        lost = record.traceBytes - record.traceAcked;
        parts.log.error(
          { ...about, bytes: lost },
          'GitLab refuses the trace of a job, which ends without the rest of it',
        );
        continue;
      }
      if (Date.now() >= giveUpAt) {
        parts.log.error(about, 'GitLab did not take how a job ended, and is not told any more');
        return life.over(abandoned(life, ending));
      }
      if (!error.temporary && !isHeldUp)
        parts.log.warn(about, 'GitLab does not take how a job ended; it will be told again');
      isHeldUp ||= !error.temporary;
      await sleep(life.sender.waitAfter(error), signal);
    }
  }
}

/** GitLab has it; or had it already, and only its answer was lost. */
const isTold = ({ is, jobStatus }: StateSet, { state }: Ending): boolean =>
  is === 'taken' || (is === 'closed' && (jobStatus === state || jobStatus === 'canceled'));

async function drain({ sender, signal }: CurrentLife): Promise<'all' | 'closed'> {
  for (;;) {
    const sent = await sender.send();
    if (sent !== 'more') return sent;
    signal.throwIfAborted();
  }
}

/** @throws AppError permanent `gitlab.refused` where GitLab takes it in no wording */
async function tell(life: CurrentLife, ending: Ending, isTraceSaid: boolean): Promise<StateSet> {
  const { gitlab, record, parts } = life;
  const trace = isTraceSaid ? { crc32: record.traceCrc, bytes: record.traceBytes } : undefined;
  let words = '';
  for (const wording of wordingsOf(ending, trace)) {
    parts.metrics.asked('state');
    const answer = await gitlab.setState(wording);
    if (answer.is !== 'refused') return answer;
    words = answer.words;
  }
  throw notTaken(words);
}

/** With ever less that a GitLab may not take: a reason or a checksum must not cost the end. */
function wordingsOf(ending: Ending, trace: JobState['trace']): readonly JobState[] {
  const { state, failureReason, exitCode } = ending;
  const full = {
    state,
    ...(failureReason !== undefined && { failureReason }),
    ...(exitCode !== undefined && { exitCode }),
    ...(trace && { trace }),
  };
  if (Object.keys(full).length === 1) return [full];
  // Every GitLab takes this reason. The exit code stays as long as it can: some failures are allowed by it.
  const plain = state === 'failed' ? [{ ...full, failureReason: 'script_failure' }] : [];
  return [full, ...plain, bare(ending)];
}

const bare = ({ state }: Ending): JobState => ({ state });

const notTaken = (words: string): AppError =>
  permanent('gitlab.refused', `GitLab does not take the end of the job: ${words}`);

function abandoned({ parts, about }: CurrentLife, ending: Ending): Ending {
  parts.log.warn(about, 'GitLab does not want to hear how a job ended');
  return { ...ending, outcome: ending.outcome === 'cancelled' ? 'cancelled' : 'abandoned' };
}

/** As GitLab's own runner ends a trace. */
function lastLine({ state, exitCode, failureReason, outcome }: Ending): string {
  if (state === 'success') return noticeLine('good', 'Job succeeded');
  if (outcome === 'cancelled') return noticeLine('bad', 'ERROR: Job failed: canceled');
  const why = exitCode === undefined ? (failureReason ?? 'failed') : `exit code ${exitCode}`;
  return noticeLine('bad', `ERROR: Job failed: ${why}`);
}

const isGitLabs = ({ code }: AppError): boolean => code.startsWith('gitlab.');

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => undefined);
