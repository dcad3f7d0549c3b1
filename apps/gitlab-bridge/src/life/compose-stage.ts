import { randomUUID } from 'node:crypto';
import {
  type InputOf,
  type JobOutputs,
  type jobSubmit,
  type JobTemplate,
  type RunnerSettings,
  templateSecretsPurpose,
} from '#contracts';
import type { ComposedCiJob, RefusedCiJob } from '../domain/composing/index.js';
import { type Item, itemsDirectory, listOutput, stageJob, type StageName } from '../domain/fan-out/index.js';
import { pathOf } from '../domain/project-of.js';
import { shortToken } from '../domain/short-token.js';
import type { Configured } from '../configured.js';
import type { CurrentLife } from './current-life.js';

/** A stage that is to be handed in. */
export interface WantedStage {
  readonly name: StageName;
  /** Absent: it has one job. */
  readonly items?: readonly Item[] | undefined;
  /** What the group brought back that it merges. */
  readonly merges?: JobOutputs | undefined;
}

/** Where a CI job belongs, and as what it runs. */
export interface Home {
  readonly project: string;
  /** Of its image on CVMFS. */
  readonly image?: string | undefined;
  readonly user?: InputOf<typeof jobSubmit>['user'];
}

/** The group as it is handed in, and what is kept of its making until the CI job ends. */
export interface ComposedStage {
  readonly composed: ComposedCiJob;
  readonly group: InputOf<typeof jobSubmit>;
}

/** A stage of a CI job as a group on the grid. */
export function composeStage(
  life: CurrentLife,
  home: Home,
  stage: WantedStage,
): ComposedStage | RefusedCiJob {
  const { record, job, parts, fanOut } = life;
  const runner = parts.configured.runners.find(({ name }) => name === record.runner);
  const composed = parts.compose(fanOut ? stageJob(job, fanOut, stage.name) : job, {
    runner: { name: record.runner, shortToken: shortTokenOf(parts.configured, runner) },
    project: home.project,
    gitlab: { url: record.gitlabUrl, ca: parts.gitlabCa },
    image: home.image,
    backendDefault: runner?.backend,
    isItem: stage.items !== undefined,
    version: parts.version,
  });
  return 'refused' in composed ? composed : { composed, group: groupOf(life, home, stage, composed) };
}

/** A runner whose credential is gone meanwhile is no reason to stop its job. */
function shortTokenOf(configured: Configured, runner: RunnerSettings | undefined): string | undefined {
  try {
    return runner && shortToken(configured.secretOf(runner.credential, `runner ${runner.name}`));
  } catch {
    return undefined;
  }
}

function groupOf(
  { record, job, parts, fanOut }: CurrentLife,
  { project, user }: Home,
  { name: stage, items, merges }: WantedStage,
  { template, secrets, backend }: ComposedCiJob,
): InputOf<typeof jobSubmit> {
  const { gitlab, ciJobId } = record;
  const groupId = randomUUID();
  const name = job.job_info.name || `job ${ciJobId}`;
  const labels = {
    'ci.gitlab': gitlab,
    'ci.project': pathOf(job).slice(0, 1_024),
    'ci.job': String(ciJobId),
    ...(fanOut && { 'ci.stage': stage }),
  };
  const whole = {
    ...template,
    sealed: parts.ring.seal(JSON.stringify(secrets), templateSecretsPurpose(groupId)),
  };
  return {
    groupId,
    name: (stage === 'work' ? name : `${stage} of ${name}`).slice(0, 255),
    project,
    ...(user !== undefined && { user }),
    ...(backend !== undefined && { backend }),
    template: ofStage(whole, stage, merges),
    items: items ? [...items] : [{ key: `${pathOf(job)}#${ciJobId}`.slice(-255), variables: {} }],
    ...(stage === 'work' && fanOut?.runningAtOnce !== undefined && { runningAtOnce: fanOut.runningAtOnce }),
    labels,
    requestedBy: user?.name ?? `gitlab ${gitlab}`,
    requestedAt: new Date().toISOString(),
  };
}

function ofStage(template: JobTemplate, stage: StageName, merges: JobOutputs | undefined): JobTemplate {
  if (stage === 'list') return { ...template, outputs: [listOutput] };
  if (!merges) return template;
  const items = { path: itemsDirectory, outputsOf: merges, executable: false };
  return { ...template, inputs: [items, ...template.inputs] };
}
