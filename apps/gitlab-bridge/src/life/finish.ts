import { setTimeout as pause } from 'node:timers/promises';
import { AppError, toAppError } from '#errors';
import { noticeLine, type StateSet } from '#gitlab';
import type { Ending } from '../domain/ci-job.js';
import type { CurrentLife } from './current-life.js';

/** Until GitLab says when to come back. */
const storingMs = 1_000;
/** So often is a trace that GitLab finds different sent anew. */
const mostResent = 5;

/** Brings all of the trace and the end of a job to GitLab, however long that takes. */
export async function finish(life: CurrentLife): Promise<void> {
  const { record, signal, parts } = life;
  const { ending } = record;
  if (!ending) throw new Error('a job that is to be finished has no ending');
  if (!record.isTraceClosed) await life.trace.own(lastLine(ending), { isClosed: true });
  const giveUpAt = (record.finishingAt ?? new Date()).getTime() + parts.config.giveUpSeconds * 1_000;
  let resent = 0;
  while (!signal.aborted) {
    // What was refused while the job ran may have to wait longer.
    await sleep(life.sender.pauseMs(), signal);
    try {
      if ((await drain(life)) === 'closed') return life.over(abandoned(life, ending));
      const answer = await tell(life, ending);
      if (answer.is === 'trace_differs' && resent++ < mostResent) record.traceAcked = 0;
      else if (answer.is === 'not_yet') await sleep(answer.intervalMs ?? storingMs, signal);
      else return life.over(isTold(answer, ending) ? ending : abandoned(life, ending));
    } catch (thrown) {
      const error = toAppError(thrown);
      if (!isGitLabs(error)) throw error;
      if (Date.now() >= giveUpAt) return life.over(abandoned(life, ending));
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

async function tell(life: CurrentLife, ending: Ending): Promise<StateSet> {
  const { gitlab, record, parts } = life;
  const { state, failureReason, exitCode } = ending;
  const trace = { crc32: record.traceCrc, bytes: record.traceBytes };
  parts.metrics.asked('state');
  const answer = await gitlab.setState({
    state,
    ...(failureReason !== undefined && { failureReason }),
    ...(exitCode !== undefined && { exitCode }),
    trace,
  });
  if (answer.is !== 'refused' || state === 'success') return answer;
  // A reason that this GitLab does not take must not cost the end.
  return gitlab.setState({ state, failureReason: 'script_failure', trace });
}

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
