import { jobTemplate, reasonsOf, type TemplateSecrets } from '#contracts';
import type { CiJob } from '#gitlab';
import { askedResources, timeoutOf } from './asked-resources.js';
import {
  buildsDirectory,
  type CiVariables,
  ciVariables,
  exportsOf,
  projectDirectoryOf,
} from './ci-variables.js';
import {
  artifactsDirectory,
  collectArtifacts,
  type PlannedArtifact,
  plannedArtifacts,
} from './collect-artifacts.js';
import type { ComposingContext, ComposingOutcome, RefusedCiJob } from './composed.js';
import { dependenciesOf, dependencyTokens, downloadArtifacts } from './dependencies.js';
import { getSources, withoutSources } from './get-sources.js';
import { clonePath, type GitSettings, gitSettings } from './git-settings.js';
import { imageOf, passwordsOfImage } from './image.js';
import { failureReasonOf, reasonToRefuse, thingsToTell } from './refusals.js';
import { credentialSettings, type RepositoryAccess, repositoryAccess } from './repository-access.js';
import { SettingValues } from './setting-values.js';
import { heading, section, withoutNul, word } from './shell-text.js';
import { enter, ownDirectory, ownFile, type Stage, stageScript, tries } from './stages.js';
import {
  afterScript,
  cleanUpVariables,
  needsGit,
  prepareBefore,
  prepareExecutor,
  releaseCommands,
  type Step,
  userScripts,
} from './steps.js';

/** What is settled about a job that is going to run. */
interface JobPlan {
  readonly job: CiJob;
  readonly context: ComposingContext;
  readonly variables: CiVariables;
  readonly values: SettingValues;
  readonly projectDirectory: string;
  readonly git: GitSettings;
  readonly access: RepositoryAccess;
  readonly artifacts: readonly PlannedArtifact[];
  readonly caFile: string | undefined;
  readonly image: string | undefined;
}

/**
 * A CI job as a job of the grid, which on its worker node does what GitLab's own runner would: the same steps in the same
 * order, under the same names. Or why it is not run. Pure.
 */
export function composeCiJob(job: CiJob, context: ComposingContext): ComposingOutcome {
  const refuse = (reason: string): RefusedCiJob => ({
    refused: { words: `This job is not run: ${reason}`, failureReason: failureReasonOf(job) },
  });
  const first = ciVariables(job, context);
  const projectDirectory = clonePath(first, projectDirectoryOf(job));
  const access = repositoryAccess(job);
  if (projectDirectory === undefined)
    return refuse(
      `GIT_CLONE_PATH is not below CI_BUILDS_DIR: ${first.value('GIT_CLONE_PATH').replaceAll('\0', '')}.`,
    );
  const variables = ciVariables(job, context, projectDirectory);
  const reason = reasonToRefuse(job, variables);
  if (reason !== undefined) return refuse(reason);
  if (access === undefined) return refuse('the address of its repository cannot be read.');
  const timeoutSeconds = timeoutOf(job.runner_info.timeout);
  const asked = askedResources(variables, timeoutSeconds, context.backendDefault);
  if ('words' in asked) return refuse(asked.words);
  const values = new SettingValues(variables);
  const plan: JobPlan = {
    job,
    context,
    variables,
    values,
    projectDirectory,
    git: gitSettings(job, values),
    access,
    artifacts: plannedArtifacts(job, variables, projectDirectory),
    caFile: context.gitlab.ca === undefined ? undefined : `${projectDirectory}.tmp/CI_SERVER_TLS_CA_FILE`,
    image: imageOf(job, variables, context.image),
  };
  const template = {
    steps: stepsOf(plan),
    ...(plan.image === undefined ? {} : { image: plan.image }),
    resources: asked.resources,
    outputs: plan.artifacts.length > 0 ? [artifactsDirectory] : [],
  };
  const secrets = secretsOf(plan);
  const written = { ...template, ...secrets };
  const whole = jobTemplate.safeParse(written);
  if (!whole.success) {
    const why = reasonsOf(jobTemplate, written, 1, 'it');
    return refuse(`it does not fit into a job of the grid: ${why}.`);
  }
  return {
    template: { ...whole.data, environment: {}, inputs: [] },
    secrets,
    backend: asked.backend,
    notices: [...asked.notices, ...values.notices, ...thingsToTell(job)],
    artifacts: plan.artifacts.map((each) => each.plan),
    timeoutSeconds,
  };
}

function stepsOf(plan: JobPlan): readonly Step[] {
  const { artifacts, job, projectDirectory, values, variables } = plan;
  const script = {
    before: preparedByScript(plan),
    projectDirectory,
    trace: values.flag('CI_DEBUG_TRACE', false),
    login: plan.image === undefined,
    entrypoint:
      plan.image === undefined ? [] : job.image.entrypoint.map(withoutNul).filter((word) => word !== ''),
  };
  const files = variables.all.filter(({ file }) => file).map(({ key }) => key);
  const uploads = (['on_success', 'on_failure'] as const).flatMap((when) =>
    chosen(artifacts, when).length === 0
      ? []
      : [
          when === 'on_success'
            ? onNode(`upload_artifacts_${when}`, upload(when), 'success')
            : { ...onNode(`upload_artifacts_${when}`, upload(when), 'failure'), evenCancelled: true },
        ],
  );
  return [
    ...beforeScript(plan),
    ...download(plan),
    ...userScripts(job, script, values),
    ...afterScript(job, script, values),
    ...uploads,
    ...cleanUpVariables(files, projectDirectory),
  ];
}

const uploadTitles = {
  on_success: 'Uploading artifacts for successful job',
  on_failure: 'Uploading artifacts for failed job',
} as const;

/** Of a job that is cancelled nothing is taken unless its script was begun, as with GitLab's own runner. */
const upload = (when: 'on_success' | 'on_failure'): Omit<Stage, 'login' | 'trace'> => ({
  title: uploadTitles[when],
  secrets: `${when}.sh`,
  body: '',
  ...(when === 'on_failure' && {
    around: (
      command,
      title,
    ) => `[ "$SLIPWAY_STATUS" != cancelled ] || [ -e ${ownFile('script-begun')} ] || exit 0
${title}
exec ${command}`,
  }),
});

const onNode = (
  name: string,
  stage: Omit<Stage, 'login' | 'trace'>,
  when: Step['when'] = 'success',
): Step => ({
  name,
  when,
  where: 'node',
  evenCancelled: false,
  script: stageScript({ login: true, trace: false, ...stage }),
});

const gettingSources = 'Getting source from Git repository';

/** Where no sources are brought, the first step says so: a step of its own costs a node as much as a short script does. */
const noSources = section('get_sources', `${heading(gettingSources)}\n${withoutSources}`);

/**
 * Of many items that bring no sources, the script's own step prepares the node. In an image it could not, and what others
 * brought back is fetched before it.
 */
const preparedByScript = ({ context, git, image, job, projectDirectory }: JobPlan): string | undefined =>
  context.isItem === true &&
  git.strategy === 'none' &&
  image === undefined &&
  dependenciesOf(job).length === 0 &&
  job.steps.some(({ name }) => name === 'script')
    ? prepareBefore([projectDirectory, `${projectDirectory}.tmp`], noSources)
    : undefined;

function beforeScript(plan: JobPlan): readonly Step[] {
  const { access, caFile, context, git, job, projectDirectory } = plan;
  const beside = `${projectDirectory}.tmp`;
  if (preparedByScript(plan) !== undefined) return [];
  if (git.strategy === 'none') return [prepareExecutor([projectDirectory, beside], noSources)];
  return [
    prepareExecutor([buildsDirectory, beside], needsGit),
    onNode('get_sources', {
      title: gettingSources,
      secrets: 'sources.sh',
      around: tries(git.attempts),
      body: getSources({
        job,
        access,
        settings: git,
        projectDirectory,
        caFile,
        userAgent: `slipway ${context.version ?? ''}`.trim(),
      }),
    }),
  ];
}

function download({ caFile, context, job, projectDirectory, values }: JobPlan): readonly Step[] {
  const dependencies = dependenciesOf(job);
  if (dependencies.length === 0) return [];
  // One call is lost easily, and GitLab's own runner asks three times as well.
  const attempts = Math.max(3, values.count('ARTIFACT_DOWNLOAD_ATTEMPTS', 1, 10, 1));
  return [
    onNode('download_artifacts', {
      title: 'Downloading artifacts',
      secrets: 'dependencies.sh',
      body: `${enter(projectDirectory)}${downloadArtifacts(dependencies, context.gitlab.url, attempts, caFile)}`,
    }),
  ];
}

const chosen = (
  artifacts: readonly PlannedArtifact[],
  when: 'on_success' | 'on_failure',
): readonly PlannedArtifact[] => artifacts.filter(({ plan }) => plan.when === 'always' || plan.when === when);

function secretsOf(plan: JobPlan): TemplateSecrets {
  const { access, artifacts, caFile, image, job, projectDirectory, variables } = plan;
  const input = (name: string, content: string): TemplateSecrets['inputs'] => [
    { path: `${ownDirectory}/${name}`, content, executable: false },
  ];
  const dependencies = dependenciesOf(job);
  const release = releaseCommands(job, (text) => variables.expanded(text));
  const collecting = (when: 'on_success' | 'on_failure'): TemplateSecrets['inputs'] =>
    chosen(artifacts, when).length === 0
      ? []
      : input(
          `${when}.sh`,
          `set -o errexit\n${enter(projectDirectory)}${collectArtifacts(chosen(artifacts, when))}`,
        );
  return {
    environment: image === undefined ? {} : passwordsOfImage(job, image),
    inputs: [
      ...input(
        'variables.sh',
        `${gitConfiguration(access, caFile)}${exportsOf(variables, projectDirectory)}`,
      ),
      ...input(
        'sources.sh',
        `export slipway_ci_user=${word(access.user)} slipway_ci_password=${word(access.password)}\n`,
      ),
      ...(dependencies.length === 0 ? [] : input('dependencies.sh', dependencyTokens(dependencies))),
      ...(release === undefined ? [] : input('release.sh', release)),
      ...collecting('on_success'),
      ...collecting('on_failure'),
    ],
  };
}

/** So that scripts reach the repository, and submodules beside it, as they do where the address holds the token. */
function gitConfiguration(access: RepositoryAccess, caFile: string | undefined): string {
  const settings = credentialSettings(access, caFile);
  const entries = settings.map(
    ([key, value], index) =>
      `export GIT_CONFIG_KEY_${index}=${word(key)} GIT_CONFIG_VALUE_${index}=${word(value)}\n`,
  );
  return settings.length === 0 ? '' : `export GIT_CONFIG_COUNT=${settings.length}\n${entries.join('')}`;
}
