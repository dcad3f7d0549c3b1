import type { CiJob } from '#gitlab';
import type { CiVariables } from './ci-variables.js';

/** Variables that the job's wrapper sets, and that the job would not survive another value of. */
const reserved: ReadonlySet<string> = new Set(
  [
    'GROUP_ID',
    'GROUP_NAME',
    'JOB_ID',
    'ATTEMPT_ID',
    'ATTEMPT',
    'INDEX',
    'ITEM',
    'ITEM_VARIABLES',
    'PROJECT',
    'MEMORY_BYTES',
    'DISK_BYTES',
    'WALL_TIME_SECONDS',
    'STATUS',
    'WORK_DIRECTORY',
    'MARK',
  ].map((name) => `SLIPWAY_${name}`),
);

/** Why a job is not run at all, in words for its trace; undefined where nothing speaks against it. */
export function reasonToRefuse(job: CiJob, variables: CiVariables): string | undefined {
  const { executor_opts: options } = job.image;
  const reservedOne = job.variables.find(({ key }) => reserved.has(key));
  const unknown = job.steps.find(({ name }) => !['script', 'after_script', 'release'].includes(name));
  const missing = job.artifacts.find(
    ({ artifact_format: format }) => !['', 'zip', 'gzip', 'raw'].includes(format),
  );
  if (job.services.length > 0)
    return `"services" are not supported: a worker node of the grid runs one program for a job, and nothing beside it (asked for: ${job.services.map(({ name }) => name).join(', ')}).`;
  if (Object.keys(job.secrets).length > 0)
    return '"secrets" of an external vault are not supported: only CI/CD variables reach the job.';
  if (job.run !== '' || unknown !== undefined)
    return `Steps in the language of "run" are not supported${unknown === undefined ? '' : ` (${unknown.name})`}: only "script", "before_script" and "after_script" are.`;
  if (job.inputs.length > 0) return '"inputs" of a job are not supported: use variables.';
  if (asksFor(options, 'user'))
    return '"image:docker:user" is not supported: on the grid a job runs as the account that it was submitted with.';
  if (asksFor(options, 'platform'))
    return '"image:docker:platform" is not supported: an image is run as the worker node can.';
  if (variables.value('CI_DEBUG_SERVICES').toLowerCase() === 'true')
    return 'CI_DEBUG_SERVICES is not supported: there are no services.';
  if (missing !== undefined)
    return `Artifacts in the format ${missing.artifact_format} are not supported: zip, gzip and raw are.`;
  if (reservedOne !== undefined)
    return `The variable ${reservedOne.key} is set by Slipway itself: give yours another name.`;
  return undefined;
}

function asksFor(options: Readonly<Record<string, unknown>>, name: string): boolean {
  const docker = options['docker'];
  if (typeof docker !== 'object' || docker === null || !Object.hasOwn(docker, name)) return false;
  const value: unknown = Reflect.get(docker, name);
  return value !== '' && value !== null && value !== undefined;
}

/** Variables of GitLab's own runner that set what does not exist here, with what there is in their place. */
const meaningless: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/^FF_/, "are feature flags of GitLab's own runner: they change nothing here"],
  [
    /^KUBERNETES_/,
    'are settings of another kind of runner; SLIPWAY_CPUS and SLIPWAY_MEMORY say what a job takes of a node',
  ],
  [/^RUNNER_GENERATE_ARTIFACTS_METADATA$/, 'means nothing here: no metadata is made of artifacts'],
  [
    /^(?:CACHE_(?:COMPRESSION_LEVEL|COMPRESSION_FORMAT|REQUEST_TIMEOUT|FALLBACK_KEY)|RESTORE_CACHE_ATTEMPTS)$/,
    'set nothing here, for there is no cache',
  ],
  [
    /^(?:EXECUTOR_JOB_SECTION_ATTEMPTS|ARTIFACT_COMPRESSION_LEVEL|SECRETS_RETRIEVAL_ATTEMPTS|TRANSFER_METER_FREQUENCY)$/,
    'set nothing here',
  ],
  [
    /^GIT_CLONE_EXTRA_FLAGS$/,
    'sets nothing here, for sources are fetched and not cloned: GIT_FETCH_EXTRA_FLAGS has the flags of that',
  ],
];

function meaninglessOf(job: CiJob): readonly string[] {
  return meaningless.flatMap(([pattern, instead]) => {
    const names = [...new Set(job.variables.map(({ key }) => key).filter((key) => pattern.test(key)))];
    return names.length === 0 ? [] : [`${names.join(', ')}: ${instead}.`];
  });
}

/** What the job asks for and does not get, though it runs: each is told at its head. */
export function thingsToTell(job: CiJob): readonly string[] {
  const kept = job.cache.filter(({ paths, untracked }) => paths.length > 0 || untracked);
  return [
    ...meaninglessOf(job),
    ...(kept.length > 0
      ? [
          `"cache" is not supported, for nodes share no directory: the job begins without ${kept.map(({ key }) => key || 'its cache').join(', ')}, and keeps nothing. Hand files to later jobs by "artifacts", and put what many jobs need into the image.`,
        ]
      : []),
    ...(job.image.name !== '' && job.variables.some(({ key }) => key === 'DOCKER_AUTH_CONFIG')
      ? ['DOCKER_AUTH_CONFIG is not used: only the credentials that GitLab gives the job open a registry.']
      : []),
    ...(job.image.pull_policy.length > 0
      ? [`"pull_policy" has no meaning here: each node looks whether it has the image as it is now.`]
      : []),
  ];
}

/** The reason that is told GitLab, where it takes that; an older one knows fewer. */
export const failureReasonOf = (job: CiJob): string =>
  job.features.failure_reasons.includes('runner_configuration_error')
    ? 'runner_configuration_error'
    : 'runner_system_failure';
