import { randomUUID } from 'node:crypto';
import { type InputOf, type jobSubmit, templateSecretsPurpose } from '#contracts';
import { noticeLine } from '#gitlab';
import { type ComposedCiJob, withSealed } from '../domain/composing/index.js';
import { takenReason } from '../domain/failure.js';
import { pathOf, projectOf } from '../domain/project-of.js';
import { userOf } from '../domain/user-of.js';
import type { CurrentLife } from './current-life.js';
import { sealPlan } from './sealed-job.js';

/** Composes a job that came, and hands it in; or says why it is not run. */
export async function begin(life: CurrentLife): Promise<void> {
  const { record, job, parts } = life;
  if (record.stop === 'cancel')
    return refuse(life, 'cancelled before it began', 'script_failure', 'cancelled');
  const { configured, version } = parts;
  const runner = configured.runners.find(({ name }) => name === record.runner);
  const project = projectOf(job, runner, record.gitlabUrl, configured.projects);
  if ('words' in project) return refuse(life, project.words, 'runner_configuration_error');
  const composed = parts.compose(job, {
    runner: { name: record.runner, shortToken: undefined },
    project: project.name,
    gitlab: { url: record.gitlabUrl },
    backendDefault: runner?.backend,
    version,
  });
  if ('refused' in composed) return refuse(life, composed.refused.words, composed.refused.failureReason);
  const group = groupOf(life, project.name, composed);
  // Whoever died between the head and the hand-in has said it already.
  if (record.traceBytes === 0) await life.trace.own(headOf(life, composed, group.groupId));
  const plan = sealPlan(parts.ring, { artifacts: composed.artifacts });
  await parts.jobs.work(life.held, record, plan, [{ name: 'work', group }]);
  record.plan = plan;
  record.phase = 'working';
  parts.said();
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

function headOf(life: CurrentLife, { backend, notices }: ComposedCiJob, groupId: string): string {
  const { consoleUrl } = life.parts.config;
  const where = backend === undefined ? [] : [noticeLine('plain', `  on backend ${backend}`)];
  const link =
    consoleUrl === undefined
      ? []
      : [noticeLine('plain', `  ${consoleUrl.replace(/\/+$/, '')}/jobs/groups/${groupId}`)];
  return [headLine(life), ...where, ...link, ...notices.map((line) => noticeLine('plain', line))].join('');
}

function groupOf(
  { record, job, parts }: CurrentLife,
  project: string,
  { template, secrets, backend }: ComposedCiJob,
): InputOf<typeof jobSubmit> {
  const user = userOf(job);
  const { gitlab, ciJobId } = record;
  const groupId = randomUUID();
  const seal = (text: string): string => parts.ring.seal(text, templateSecretsPurpose(groupId));
  return {
    groupId,
    name: (job.job_info.name || `job ${ciJobId}`).slice(0, 255),
    project,
    ...(user !== undefined && { user: { name: user, groups: [] } }),
    ...(backend !== undefined && { backend }),
    template: withSealed(template, secrets, seal),
    items: [{ key: `${pathOf(job)}#${ciJobId}`.slice(-255), variables: {} }],
    labels: { 'ci.gitlab': gitlab, 'ci.project': pathOf(job).slice(0, 1_024), 'ci.job': String(ciJobId) },
    requestedBy: user ?? `gitlab ${gitlab}`,
    requestedAt: new Date().toISOString(),
  };
}
