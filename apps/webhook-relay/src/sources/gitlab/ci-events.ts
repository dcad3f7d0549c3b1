import { gitlabDeployment, gitlabJob, gitlabPipeline, type InputOf } from '#contracts';
import type { Fields } from '../../domain/fields.js';
import type { RelayedEvent } from '../../domain/parsed.js';
import { commonOf, type GitlabDelivery, mergeRequestOf, projectEvent } from './gitlab-delivery.js';

type PipelineJob = InputOf<typeof gitlabPipeline>['jobs'][number];

/** Of a pipeline hook. */
export function pipelineEvent(delivery: GitlabDelivery): RelayedEvent {
  const { body } = delivery;
  const pipeline = body.object('object_attributes');
  const finishedAt = pipeline.moment('finished_at');
  return projectEvent(
    gitlabPipeline,
    delivery,
    {
      ...commonOf(delivery),
      id: pipeline.integer('id') ?? -1,
      iid: pipeline.integer('iid'),
      name: pipeline.text('name', 500),
      ref: pipeline.text('ref', 500),
      tag: pipeline.flag('tag'),
      sha: pipeline.commit('sha'),
      beforeSha: pipeline.commit('before_sha'),
      trigger: pipeline.text('source', 100),
      status: pipeline.text('status', 50) ?? '',
      stages: pipeline.texts('stages', 200),
      // Names alone: a value may be a secret, and GitLab masks none here.
      variableKeys: pipeline.objects('variables', 1_000).flatMap((variable) => variable.text('key') ?? []),
      url: pipeline.text('url', 1_000),
      createdAt: pipeline.moment('created_at'),
      finishedAt,
      seconds: pipeline.number('duration'),
      queuedSeconds: pipeline.number('queued_duration'),
      mergeRequest: mergeRequestOf(body),
      parent: parentOf(body),
      jobs: body.objects('builds', 2_000).flatMap(jobOf),
    },
    finishedAt,
  );
}

function jobOf(job: Fields): PipelineJob[] {
  const [id, name, status] = [job.integer('id'), job.text('name', 500), job.text('status', 50)];
  if (id === undefined || name === undefined || status === undefined) return [];
  return [
    {
      id,
      name,
      status,
      stage: job.text('stage'),
      when: job.text('when', 50),
      allowFailure: job.flag('allow_failure'),
      failureReason: job.text('failure_reason'),
      createdAt: job.moment('created_at'),
      startedAt: job.moment('started_at'),
      finishedAt: job.moment('finished_at'),
      environment: job.object('environment').text('name'),
      runner: runnerOf(job),
    },
  ];
}

/** Of a job hook. */
export function jobEvent(delivery: GitlabDelivery): RelayedEvent {
  const { body } = delivery;
  return projectEvent(
    gitlabJob,
    delivery,
    {
      ...commonOf(delivery),
      id: body.integer('build_id') ?? -1,
      name: body.text('build_name', 500) ?? '',
      stage: body.text('build_stage'),
      status: body.text('build_status', 50) ?? '',
      failureReason: body.text('build_failure_reason'),
      allowFailure: body.flag('build_allow_failure'),
      retries: body.integer('retries_count'),
      pipelineId: body.integer('pipeline_id') ?? body.object('commit').integer('id'),
      ref: body.text('ref', 500),
      tag: body.flag('tag'),
      sha: body.commit('sha'),
      beforeSha: body.commit('before_sha'),
      createdAt: body.moment('build_created_at'),
      startedAt: body.moment('build_started_at'),
      finishedAt: body.moment('build_finished_at'),
      seconds: body.number('build_duration'),
      queuedSeconds: body.number('build_queued_duration'),
      environment: body.object('environment').text('name'),
      runner: runnerOf(body),
      parent: parentOf(body),
    },
    body.moment('build_finished_at'),
  );
}

/** Of a deployment hook. */
export function deploymentEvent(delivery: GitlabDelivery): RelayedEvent {
  const { body } = delivery;
  const changedAt = body.moment('status_changed_at');
  return projectEvent(
    gitlabDeployment,
    delivery,
    {
      ...commonOf(delivery),
      id: body.integer('deployment_id') ?? -1,
      status: body.text('status', 50) ?? '',
      changedAt,
      environment: body.text('environment') ?? '',
      environmentUrl: body.text('environment_external_url', 1_000),
      jobId: body.integer('deployable_id'),
      jobUrl: body.text('deployable_url', 1_000),
      ref: body.text('ref', 500),
      sha: fullCommit(body.text('commit_url', 1_000)) ?? body.commit('short_sha'),
    },
    changedAt,
  );
}

/** Deployments name their commit in full only in its page’s address. */
function fullCommit(url: string | undefined): string | undefined {
  return url === undefined ? undefined : /\/commit\/([0-9a-f]{40,64})$/.exec(url)?.[1];
}

function runnerOf(
  holder: Fields,
): { id: number; description: string | undefined; tags: string[] } | undefined {
  const runner = holder.object('runner');
  const id = runner.integer('id');
  if (id === undefined) return undefined;
  return { id, description: runner.text('description', 500), tags: runner.texts('tags', 100) };
}

function parentOf(
  body: Fields,
): { projectId: number | undefined; pipelineId: number | undefined; jobId: number | undefined } | undefined {
  const parent = body.object('source_pipeline');
  if (!parent.present) return undefined;
  return {
    projectId: parent.object('project').integer('id'),
    pipelineId: parent.integer('pipeline_id'),
    jobId: parent.integer('job_id'),
  };
}
