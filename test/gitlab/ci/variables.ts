import { type Job } from '../job.js';
import { type World } from '../world.js';

/** A variable as a runner gets it. */
export interface RunnerVariable {
  readonly key: string;
  readonly value: string;
  readonly public: boolean;
  readonly masked: boolean;
  readonly file?: true;
  readonly raw?: true;
}

/** All variables of a job, later ones over earlier ones, references among them replaced as GitLab does before it sends them. */
export function variablesOf(world: World, job: Job): readonly RunnerVariable[] {
  const { pipeline, definition } = job;
  const own = Object.entries(definition.variables).map(([key, value]) => variable(key, value));
  const tokens = Object.entries(definition.idTokens).map(([key, audience]) =>
    secret(key, world.idToken(job, audience)),
  );
  const given = [...pipeline.project.variables, ...pipeline.variables].map(
    ({ key, value, masked, file, raw }) =>
      variable(key, value, {
        public: false,
        masked: masked ?? false,
        ...(file ? { file: true } : {}),
        ...(raw ? { raw: true } : {}),
      }),
  );
  const fromReports = world
    .dependenciesOf(job)
    .flatMap(({ dotenv }) => [...dotenv].map(([key, value]) => variable(key, value, { public: false })));
  return expanded([...predefined(world, job), ...own, ...given, ...fromReports, ...tokens]);
}

function variable(key: string, value: string, rest: Partial<RunnerVariable> = {}): RunnerVariable {
  return { key, value, public: true, masked: false, ...rest };
}

function secret(key: string, value: string): RunnerVariable {
  return variable(key, value, { public: false, masked: true });
}

function predefined(world: World, job: Job): readonly RunnerVariable[] {
  const { pipeline, definition } = job;
  const { project, user } = pipeline;
  const { url } = world;
  const [namespace, name] = splitPath(project.path);
  const server = new URL(url);
  const texts: Readonly<Record<string, string | undefined>> = {
    CI_PIPELINE_ID: String(pipeline.id),
    CI_PIPELINE_URL: `${url}/${project.path}/-/pipelines/${pipeline.id}`,
    CI_PIPELINE_IID: String(pipeline.iid),
    CI_PIPELINE_SOURCE: pipeline.source,
    CI_JOB_ID: String(job.id),
    CI_JOB_URL: `${url}/${project.path}/-/jobs/${job.id}`,
    CI_JOB_NAME: job.name,
    CI_JOB_STAGE: definition.stage,
    CI_NODE_TOTAL: '1',
    CI: 'true',
    GITLAB_CI: 'true',
    CI_SERVER_URL: url,
    CI_SERVER_HOST: server.hostname,
    CI_SERVER_PORT: server.port,
    CI_SERVER_PROTOCOL: 'http',
    CI_SERVER_NAME: 'GitLab',
    CI_SERVER_VERSION: '18.5.0',
    CI_SERVER_REVISION: '0000000',
    CI_PROJECT_ID: String(project.id),
    CI_PROJECT_NAME: name,
    CI_PROJECT_PATH: project.path,
    CI_PROJECT_PATH_SLUG: slug(project.path),
    CI_PROJECT_NAMESPACE: namespace,
    CI_PROJECT_ROOT_NAMESPACE: namespace.split('/')[0],
    CI_PROJECT_URL: `${url}/${project.path}`,
    CI_PROJECT_VISIBILITY: 'private',
    CI_DEFAULT_BRANCH: project.defaultBranch,
    CI_API_V4_URL: `${url}/api/v4`,
    CI_COMMIT_SHA: pipeline.sha,
    CI_COMMIT_SHORT_SHA: pipeline.sha.slice(0, 8),
    CI_COMMIT_BEFORE_SHA: pipeline.beforeSha,
    CI_COMMIT_REF_NAME: pipeline.ref,
    CI_COMMIT_REF_SLUG: slug(pipeline.ref),
    CI_COMMIT_REF_PROTECTED: String(pipeline.ref === project.defaultBranch),
    CI_COMMIT_BRANCH: pipeline.tag ? undefined : pipeline.ref,
    CI_COMMIT_TAG: pipeline.tag ? pipeline.ref : undefined,
    CI_ENVIRONMENT_NAME: definition.environment,
    CI_RUNNER_ID: String(job.runner?.id),
    CI_RUNNER_TAGS: JSON.stringify(job.runner?.tags ?? []),
    GITLAB_USER_ID: String(user.id),
    GITLAB_USER_EMAIL: user.email,
    GITLAB_USER_LOGIN: user.login,
    GITLAB_USER_NAME: user.name,
    CI_REGISTRY_USER: 'gitlab-ci-token',
  };
  const open = Object.entries(texts).flatMap(([key, value]) =>
    value === undefined ? [] : [variable(key, value)],
  );
  return [
    ...open,
    secret('CI_JOB_TOKEN', job.token),
    secret('CI_REGISTRY_PASSWORD', job.token),
    variable('CI_REPOSITORY_URL', world.repositoryUrl(job), { public: false }),
  ];
}

/** References to a file, to a raw variable and to what is not defined stay as they are. */
function expanded(all: readonly RunnerVariable[]): readonly RunnerVariable[] {
  const byKey = new Map(all.map((each) => [each.key, each]));
  const done = new Map<string, string>();
  const resolve = (key: string, under: readonly string[]): string => {
    const known = done.get(key);
    if (known !== undefined) return known;
    const { value = '', raw, file } = byKey.get(key) ?? {};
    if (raw || file) return value;
    const text = value.replaceAll(
      /\$\$|\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g,
      (whole, braced?: string, bare?: string) => {
        const name = braced ?? bare;
        const target = name === undefined ? undefined : byKey.get(name);
        if (name === undefined || !target || target.raw || target.file || under.includes(name)) return whole;
        return resolve(name, [...under, name]);
      },
    );
    done.set(key, text);
    return text;
  };
  return all.map((each) =>
    byKey.get(each.key) === each ? { ...each, value: resolve(each.key, [each.key]) } : each,
  );
}

/** A project's path as its group, which may be deep, and its name. */
export function splitPath(path: string): readonly [string, string] {
  const at = path.lastIndexOf('/');
  return [path.slice(0, at), path.slice(at + 1)];
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
}
