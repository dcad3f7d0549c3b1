import { type Job } from '../job.js';
import { type World } from '../world.js';
import { splitPath, variablesOf } from './variables.js';

/** The reasons for a failure that a runner may give, beside those that each GitLab takes. */
export const failureReasons = [
  'unknown_failure',
  'script_failure',
  'stuck_or_timeout_failure',
  'runner_system_failure',
  'runner_unsupported',
  'stale_schedule',
  'job_execution_timeout',
  'archived_failure',
  'unmet_prerequisites',
  'scheduler_failure',
  'data_integrity_failure',
  'image_pull_failure',
  'runner_configuration_error',
  'runner_interrupted',
  'runner_provisioning_timeout',
  'runner_fetch_failure',
];

/** What a runner gets with 201. */
export function payloadOf(world: World, job: Job): Readonly<Record<string, unknown>> {
  const { pipeline, definition } = job;
  const { project } = pipeline;
  const variables = variablesOf(world, job);
  return {
    id: job.id,
    token: job.token,
    allow_git_fetch: true,
    job_info: {
      id: job.id,
      name: job.name,
      stage: definition.stage,
      pipeline_id: pipeline.id,
      project_id: project.id,
      project_name: splitPath(project.path)[1],
      project_full_path: project.path,
      namespace_id: project.namespaceId,
      root_namespace_id: project.namespaceId,
      organization_id: 1,
      instance_id: 'test',
      instance_uuid: '00000000-0000-4000-8000-000000000000',
      user_id: pipeline.user.id,
      scoped_user_id: null,
      time_in_queue_seconds: (Date.now() - job.queuedAt) / 1_000,
      project_jobs_running_on_instance_runners_count: '+Inf',
      queue_size: 0,
      queue_depth: 1,
    },
    git_info: gitInfo(world, job, variables.findLast(({ key }) => key === 'GIT_DEPTH')?.value),
    runner_info: { timeout: definition.timeoutSeconds, runner_session_url: null },
    inputs: [],
    variables,
    steps: stepsOf(job),
    image: definition.image,
    services: definition.services,
    artifacts: definition.artifacts,
    cache: definition.cache,
    credentials: [],
    dependencies: world.dependenciesOf(job).map((dependency) => {
      const archive = dependency.artifacts.find(({ type }) => type === 'archive');
      return {
        id: dependency.id,
        name: dependency.name,
        token: dependency.token,
        ...(archive && { artifacts_file: { filename: archive.filename, size: archive.bytes.length } }),
      };
    }),
    features: { trace_sections: true, token_mask_prefixes: ['glrt-test-'], failure_reasons: failureReasons },
    hooks: definition.hooks,
    policy_options: null,
    secrets: {},
  };
}

function gitInfo(world: World, job: Job, depthVariable: string | undefined): object {
  const { pipeline } = job;
  const { project } = pipeline;
  const depth = Number(depthVariable ?? 20);
  const persistent = `refs/pipelines/${pipeline.id}`;
  const branch = `+refs/heads/${pipeline.ref}:refs/remotes/origin/${pipeline.ref}`;
  const tag = `+refs/tags/${pipeline.ref}:refs/tags/${pipeline.ref}`;
  const some = [pipeline.tag ? tag : branch];
  const all = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  return {
    repo_url: world.repositoryUrl(job),
    repo_object_format: project.objectFormat,
    ref: pipeline.ref,
    sha: pipeline.sha,
    before_sha: pipeline.beforeSha,
    ref_type: pipeline.tag ? 'tag' : 'branch',
    refspecs: [`+${persistent}:${persistent}`, ...(depth > 0 ? some : all)],
    depth,
    protected: pipeline.ref === project.defaultBranch,
  };
}

function stepsOf({ definition }: Job): readonly object[] {
  const timeout = definition.timeoutSeconds;
  const script = {
    name: 'script',
    script: definition.script,
    timeout,
    when: 'on_success',
    allow_failure: false,
  };
  const release = { name: 'release', script: ['release-cli create'], timeout, when: 'on_success' };
  const after = {
    name: 'after_script',
    script: definition.afterScript,
    timeout,
    when: 'always',
    allow_failure: true,
  };
  return [
    script,
    ...(definition.hasRelease ? [{ ...release, allow_failure: false }] : []),
    ...(definition.afterScript.length > 0 ? [after] : []),
  ];
}
