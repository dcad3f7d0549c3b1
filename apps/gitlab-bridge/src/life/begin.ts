import { noticeLine } from '#gitlab';
import type { ComposedCiJob } from '../domain/composing/index.js';
import { beginningWords, isRefusal, nextStage } from '../domain/fan-out/index.js';
import { takenReason } from '../domain/failure.js';
import { projectOf } from '../domain/project-of.js';
import type { JobsGitLab } from '../identity/job-persons.js';
import { type ComposedStage, composeStage, type Home } from './compose-stage.js';
import type { CurrentLife } from './current-life.js';
import { pageOf } from './pages.js';
import { sealPlan } from './sealed-job.js';

/** Composes a job that came, and hands it in; or says why it is not run. */
export async function begin(life: CurrentLife): Promise<void> {
  const { record, job, parts } = life;
  if (record.stop === 'cancel')
    return refuse(life, 'cancelled before it began', 'script_failure', 'cancelled');
  const { configured } = parts;
  const { fanOut } = life;
  const runner = configured.runners.find(({ name }) => name === record.runner);
  const project = projectOf(job, runner, record.gitlabUrl, configured.projects);
  if ('words' in project) return refuse(life, project.words, 'runner_configuration_error');
  const found = await parts.persons.of(job, gitlabOf(life));
  if ('words' in found) return refuse(life, found.words, 'runner_configuration_error');
  const { person, known } = found;
  const asked = life.askedFanOut;
  if (asked && isRefusal(asked)) return refuse(life, asked.refused, 'runner_configuration_error');
  if (fanOut?.merge !== undefined && job.artifacts.length === 0)
    return refuse(life, nothingToMerge, 'runner_configuration_error');
  const next = nextStage({ fanOut, stages: [], isCancelled: false });
  if (next.do !== 'submit') throw new Error('a job that begins has a first stage');
  const image = await parts.imageOf(job, project.name, record.gitlabUrl);
  const home: Home = {
    project: project.name,
    image: image?.path,
    user: { name: person.name, groups: [...person.groups] },
  };
  const items = 'items' in next ? next.items : undefined;
  const stage = composeStage(life, home, { name: next.stage, items });
  // What it works at is known to be sound before anything runs, and it is that which brings artifacts back.
  const work = next.stage === 'work' ? stage : composeStage(life, home, { name: 'work' });
  if ('refused' in work) return refuse(life, work.refused.words, work.refused.failureReason);
  if ('refused' in stage) return refuse(life, stage.refused.words, stage.refused.failureReason);
  const { group } = stage;
  // Whoever died between the head and the hand-in has said it already.
  if (record.traceBytes === 0)
    await life.trace.own(
      headOf(life, work.composed, [`  for ${person.name}, ${known}`, image?.notice], group),
    );
  const plan = sealPlan(parts.ring, { artifacts: work.composed.artifacts, home });
  await parts.jobs.work(life.held, record, plan, [{ name: next.stage, group }]);
  record.plan = plan;
  record.phase = 'working';
  parts.said();
}

const nothingToMerge =
  'SLIPWAY_FANOUT_MERGE merges the artifacts of the items, and the job has no "artifacts" to say which';

function gitlabOf({ record, parts }: CurrentLife): JobsGitLab {
  const { configured } = parts;
  const { credential } = configured.gitlab(record.gitlab) ?? {};
  const apiToken = credential && ((): string => configured.secretOf(credential, 'who started a CI job'));
  return { url: record.gitlabUrl, at: record.receivedAt, apiToken: apiToken || undefined };
}

async function refuse(
  life: CurrentLife,
  words: string,
  failureReason: string,
  outcome: 'refused' | 'cancelled' = 'refused',
): Promise<void> {
  const { record, trace, takenReasons } = life;
  if (record.traceBytes === 0) await trace.own(headLine(life));
  await trace.notice('bad', `ERROR: ${words}`);
  const reason = takenReason(failureReason, takenReasons);
  await life.ended({ state: 'failed', outcome, failureReason: reason }, 'finishing');
}

const headLine = ({ parts, record }: CurrentLife): string =>
  noticeLine('plain', `Running with Slipway ${parts.version} on runner ${record.runner}`);

function headOf(
  life: CurrentLife,
  { backend, notices }: ComposedCiJob,
  about: readonly (string | undefined)[],
  { groupId, items }: ComposedStage['group'],
): string {
  const page = pageOf(life.parts.config.consoleUrl, groupId);
  const lines = [
    ...(backend === undefined ? [] : [`  on backend ${backend}`]),
    ...(life.fanOut === undefined ? [] : [beginningWords(life.fanOut, items.length)]),
    ...(page === undefined ? [] : [`  ${page}`]),
    ...about.filter((line) => line !== undefined),
    ...notices,
  ];
  return [headLine(life), ...lines.map((line) => noticeLine('plain', line))].join('');
}
