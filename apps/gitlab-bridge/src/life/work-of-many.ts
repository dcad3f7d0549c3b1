import { permanent } from '#errors';
import {
  type Ending as FanOutEnding,
  fanOutWords,
  type Item,
  listOutput,
  mostListBytes,
  type Next,
  nextStage,
  readList,
  type Refusal,
  type StageName,
} from '../domain/fan-out/index.js';
import { cancelledEnding, endingOf, takenReason } from '../domain/failure.js';
import type { Stage } from '../domain/stage-news.js';
import { askLedger, isSettled } from './ask-ledger.js';
import { composeStage } from './compose-stage.js';
import type { CurrentLife } from './current-life.js';
import { LogReader } from './log-reader.js';
import { pageOf } from './pages.js';
import { ProgressTeller } from './progress-teller.js';
import { endOfMany, tellSummary } from './summary-teller.js';
import { cancelled, graceSeconds, quietMs } from './work.js';

const order: readonly StageName[] = ['list', 'work', 'merge'];

/** Follows the grid jobs that a CI job fans out into, stage after stage, until all are over. */
export async function workOfMany(life: CurrentLife): Promise<void> {
  const { record, parts, signal } = life;
  const reader = new LogReader(life);
  const progress = new ProgressTeller(life);
  let list: readonly Item[] | Refusal | undefined;
  let askedAt = Date.now();
  while (!signal.aborted && record.stop !== 'stop') {
    const stages = inOrder(await parts.stages.of(record.id));
    const current = stages.at(-1);
    if (!current) throw new Error('a job that is worked at has no stage');
    if (isAlone(current)) await reader.read(current);
    const isOver = isAlone(current) ? await isSettled(life, current) : current.news.outcome !== undefined;
    const next = nextStage({
      fanOut: life.fanOut,
      list,
      isCancelled: record.stop === 'cancel',
      stages: stages.map((stage) => asFar(stage, stage !== current || isOver, record.isCancelAsked)),
    });
    if (next.do === 'finish') return end(life, current, next.ending);
    if (next.do === 'read-list') list = await readStagesList(life, current);
    else if (next.do === 'stop') await stop(life, next.words);
    else if (next.do === 'submit') await begin(life, next, current);
    if (record.phase !== 'working') return;
    if (next.do !== 'wait') continue;
    const waitMs = isAlone(current) ? quietMs : await progress.tell(current);
    if (Date.now() - askedAt >= quietMs) {
      askedAt = Date.now();
      if (isAlone(current)) await reader.readAnyway(current);
      await askLedger(life, current);
    }
    await life.wakeUp.wait(Math.min(quietMs, waitMs), signal);
  }
}

const inOrder = (stages: readonly Stage[]): readonly Stage[] =>
  [...stages].sort((one, two) => order.indexOf(nameOf(one)) - order.indexOf(nameOf(two)));

const nameOf = ({ name }: Stage): StageName => order.find((known) => known === name) ?? 'work';

/** Its one job's log is shown. */
const isAlone = (stage: Stage): boolean => nameOf(stage) !== 'work';

const asFar = (
  stage: Stage,
  isOver: boolean,
  isStopping: boolean,
): Parameters<typeof nextStage>[0]['stages'][number] => {
  const { refused, outcome, states = {} } = stage.news;
  return {
    name: nameOf(stage),
    jobs: stage.jobs,
    states,
    outcome: refused ? 'refused' : isOver ? (outcome ?? 'succeeded') : undefined,
    refusal: refused?.reason,
    isStopping,
  };
};

async function begin(
  life: CurrentLife,
  next: Extract<Next, { do: 'submit' }>,
  { groupId }: Stage,
): Promise<void> {
  const { record, parts, held, plan, trace } = life;
  if (!plan.home || !life.fanOut) throw new Error('a stage of a job that was never composed');
  const items = 'items' in next ? next.items : undefined;
  const path = plan.artifacts.find(({ type }) => type === 'archive')?.directory;
  const merges = next.stage === 'merge' ? { groupId, path } : undefined;
  const stage = composeStage(life, plan.home, { name: next.stage, items, merges });
  if ('refused' in stage) {
    const failureReason = takenReason(stage.refused.failureReason, life.takenReasons);
    await trace.notice('bad', `ERROR: ${stage.refused.words}`);
    await life.ended({ state: 'failed', outcome: 'refused', failureReason }, 'delivering');
    return;
  }
  const { group } = stage;
  const page = pageOf(parts.config.consoleUrl, group.groupId);
  const words =
    next.stage === 'merge' ? 'Merging what they brought back' : fanOutWords(life.fanOut, group.items.length);
  await trace.notice('heading', page === undefined ? words : `${words}: ${page}`);
  await parts.jobs.beginStage(held, record, { name: next.stage, group });
  record.logAttempt = 0;
  record.logOffset = 0;
  parts.said();
}

async function stop({ record, parts, held, trace }: CurrentLife, words: string): Promise<void> {
  await trace.notice('warning', `WARNING: ${words}`);
  const reason = record.stop === 'cancel' ? cancelled : { fault: 'cancelled' as const, words };
  await parts.jobs.cancel(held, record, { reason, requestedBy: 'gitlab', graceSeconds });
  record.isCancelAsked = true;
  parts.said();
}

/** @throws AppError temporary where the ledger cannot be asked */
async function readStagesList(
  { parts, fanOut }: CurrentLife,
  { news }: Stage,
): Promise<readonly Item[] | Refusal> {
  const over = fanOut?.over;
  if (!news.attempt || !over || over.kind === 'list')
    throw permanent('ci_job.no_list', 'the list was never made');
  const place = over.kind === 'file' ? over.path : 'what the command printed';
  const bytes = await parts.monitor.output(news.attempt.id, listOutput, mostListBytes + 1);
  if (!bytes) return { refused: `${place} cannot be had: the job that read it brought nothing back` };
  const text = bytes.toString('utf8');
  const format = over.kind === 'file' ? over.format : text.trimStart().startsWith('[') ? 'json' : 'text';
  return readList(text, format, place);
}

async function end(life: CurrentLife, last: Stage, ending: FanOutEnding): Promise<void> {
  const { record, trace, takenReasons, parts } = life;
  const work = (await parts.stages.of(record.id)).find(({ name }) => name === 'work');
  const failed = work ? await tellSummary(life, work) : [];
  if (ending.state === 'cancelled') return life.ended(cancelledEnding, 'delivering');
  if (ending.state === 'success') {
    if (ending.words !== undefined) await trace.notice('warning', `WARNING: ${ending.words}`);
    return life.ended({ state: 'success', outcome: 'succeeded', exitCode: 0 }, 'delivering');
  }
  await trace.notice('bad', `ERROR: ${ending.words}`);
  if (ending.decidedBy === 'work') return life.ended(endOfMany(failed, takenReasons), 'delivering');
  const { attempt } = last.news;
  if (ending.decidedBy !== undefined && attempt && attempt.state !== 'succeeded')
    return life.ended(endingOf(attempt, record.stop, takenReasons), 'delivering');
  const failureReason = takenReason('runner_configuration_error', takenReasons);
  return life.ended({ state: 'failed', outcome: 'failed', failureReason }, 'delivering');
}
