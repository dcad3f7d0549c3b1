import { jobTemplate } from '#contracts';
import { aJob, composed, context, script, variable } from '../../../test/composing/run-ci-job.js';
import { composeCiJob, withSealed, withSecrets } from './index.js';

const simple = { steps: [script('true')] };
const withVariables = (...variables: readonly object[]) => composed(aJob({ ...simple, variables }));
const namesOf = (fields: Readonly<Record<string, unknown>>): readonly string[] =>
  composed(aJob(fields)).template.steps.map(({ name }) => name);

function refusal(fields: Readonly<Record<string, unknown>>): string {
  const outcome = composeCiJob(aJob({ ...simple, ...fields }), context);
  if (!('refused' in outcome)) throw new Error('it was not refused');
  expect(outcome.refused.failureReason).toBe('runner_configuration_error');
  return outcome.refused.words;
}

describe('the template of a CI job', () => {
  it('has a step for each section of its trace, and none without a use', () => {
    expect(namesOf(simple)).toEqual(['prepare_executor', 'get_sources', 'step_script']);
    expect(namesOf({ ...simple, variables: [variable('GIT_STRATEGY', 'none')] })).toEqual([
      'prepare_executor',
      'step_script',
    ]);
    const item = aJob({ ...simple, variables: [variable('GIT_STRATEGY', 'none')] });
    expect(composed(item, { ...context, isItem: true }).template.steps.map(({ name }) => name)).toEqual([
      'step_script',
    ]);
    expect(
      namesOf({
        steps: [script('true'), { name: 'release', script: ['x'] }, { name: 'after_script', script: ['y'] }],
        variables: [variable('FILE', 'x', { file: true })],
        artifacts: [{ paths: ['a'], when: 'always' }],
        dependencies: [
          { id: 1, name: 'with', token: 't', artifacts_file: { filename: 'artifacts.zip', size: 1 } },
          { id: 2, name: 'without', token: 't' },
        ],
      }),
    ).toEqual([
      'prepare_executor',
      'get_sources',
      'download_artifacts',
      'step_script',
      'step_release',
      'after_script',
      'upload_artifacts_on_success',
      'upload_artifacts_on_failure',
      'cleanup_file_variables',
    ]);
  });

  it('runs what is the user’s in the image, and the rest on the node', () => {
    const { template } = composed(
      aJob({
        steps: [script('true'), { name: 'after_script', script: ['y'] }],
        image: { name: 'python:$V' },
        variables: [variable('V', '3')],
      }),
    );
    expect(template.image).toBe('python:3');
    expect(template.steps.map(({ name, where }) => [name, where])).toEqual([
      ['prepare_executor', 'node'],
      ['get_sources', 'node'],
      ['step_script', 'image'],
      ['after_script', 'image'],
    ]);
    const found = composed(aJob({ ...simple, image: { name: 'python:3' } }), {
      ...context,
      image: '/cvmfs/x/python:3',
    });
    expect(found.template.image).toBe('/cvmfs/x/python:3');
  });

  it('has nothing secret in it, and what is secret can be sealed and put in', () => {
    const job = aJob({
      ...simple,
      variables: [variable('CI_JOB_TOKEN', 'secret-1', { masked: true })],
      dependencies: [{ id: 1, name: 'a', token: 'secret-2', artifacts_file: { filename: 'a.zip', size: 1 } }],
      artifacts: [{ paths: ['$CI_JOB_TOKEN'] }],
      image: { name: 'registry.example.org/group/image:1' },
      credentials: [{ type: 'registry', url: 'registry.example.org', username: 'u', password: 'secret-3' }],
    });
    const { template, secrets } = composed(job);
    expect(JSON.stringify(template)).not.toMatch(/secret/);
    expect(JSON.stringify(secrets)).toMatch(/secret-1.*secret-2.*|secret-3/);
    expect(secrets.environment).toMatchObject({
      APPTAINER_DOCKER_USERNAME: 'u',
      SINGULARITY_DOCKER_PASSWORD: 'secret-3',
    });
    expect(jobTemplate.parse(withSecrets(template, secrets)).inputs).toHaveLength(4);
    expect(withSealed(template, secrets, (text) => `sealed ${text.length}`).sealed).toMatch(/^sealed \d+$/);
  });

  it('plans each upload, under its name, type and format', () => {
    const { artifacts } = composed(
      aJob({
        ...simple,
        variables: [variable('V', 'x/1')],
        artifacts: [
          { name: 'out-$V', paths: ['out'], expire_in: '1 week' },
          { paths: ['r.xml'], artifact_type: 'junit', artifact_format: 'gzip', when: 'always' },
          { paths: [], untracked: false },
        ],
      }),
    );
    expect(artifacts).toEqual([
      {
        directory: 'slipway-artifacts/0',
        name: 'out-x-1',
        type: 'archive',
        format: 'zip',
        expireIn: '1 week',
        when: 'on_success',
      },
      {
        directory: 'slipway-artifacts/1',
        name: 'artifacts',
        type: 'junit',
        format: 'gzip',
        expireIn: '',
        when: 'always',
      },
    ]);
  });
});

describe('what a CI job asks of the grid', () => {
  it('is told by variables', () => {
    const { template, backend, timeoutSeconds } = withVariables(
      variable('SLIPWAY_CPUS', '4'),
      variable('SLIPWAY_MEMORY', '3 GiB'),
      variable('SLIPWAY_DISK', '20GB'),
      variable('SLIPWAY_TIME', '15m'),
      variable('SLIPWAY_BACKEND', '$POOL'),
      variable('POOL', 'big-pool'),
    );
    expect(template.resources).toEqual({
      cpus: 4,
      memoryBytes: 3 * 2 ** 30,
      diskBytes: 20e9,
      wallTimeSeconds: 900,
    });
    expect({ backend, timeoutSeconds }).toEqual({ backend: 'big-pool', timeoutSeconds: 3_600 });
  });

  it('is no longer than GitLab lets it, and says so', () => {
    const { template, notices } = withVariables(variable('SLIPWAY_TIME', '2h'));
    expect(template.resources.wallTimeSeconds).toBe(3_600);
    expect(notices.join()).toContain('no more than 3600 s');
  });

  it('takes the backend of the runner where it names none', () => {
    expect(composed(aJob(simple), { ...context, backendDefault: 'pool' }).backend).toBe('pool');
  });

  it.each([
    ['SLIPWAY_CPUS', 'many'],
    ['SLIPWAY_CPUS', '0'],
    ['SLIPWAY_MEMORY', '4 elephants'],
    ['SLIPWAY_DISK', '0'],
    ['SLIPWAY_TIME', '90'],
    ['SLIPWAY_BACKEND', 'Not A Name'],
  ])('is refused where %s is %j', (name, value) => {
    expect(refusal({ variables: [variable(name, value)] })).toContain(
      `${name} is ${JSON.stringify(value)}; expected`,
    );
  });
});

describe('a CI job that cannot run as it is written', () => {
  it.each([
    ['services', { services: [{ name: 'postgres:16' }] }, '"services" are not supported'],
    ['secrets of a vault', { secrets: { A: {} } }, '"secrets"'],
    ['steps in the language of run', { run: '[{}]' }, '"run"'],
    ['inputs', { inputs: [{ key: 'a' }] }, '"inputs"'],
    ['an unknown step', { steps: [{ name: 'dance', script: [] }] }, 'dance'],
    ['another account', { image: { name: 'a', executor_opts: { docker: { user: 'me' } } } }, 'docker:user'],
    [
      'another platform',
      { image: { name: 'a', executor_opts: { docker: { platform: 'arm' } } } },
      'docker:platform',
    ],
    ['a format', { artifacts: [{ paths: ['a'], artifact_format: 'tar' }] }, 'format tar'],
    ['a name of the house', { variables: [variable('SLIPWAY_MARK', '1')] }, 'SLIPWAY_MARK'],
    ['a path outside', { variables: [variable('GIT_CLONE_PATH', '/etc')] }, 'GIT_CLONE_PATH'],
    ['a way out', { variables: [variable('GIT_CLONE_PATH', '$CI_BUILDS_DIR/../x')] }, 'GIT_CLONE_PATH'],
    ['no address', { git_info: { repo_url: 'nowhere' } }, 'repository'],
    ['too much', { variables: [variable('A', 'x'.repeat(300_000))] }, 'does not fit'],
  ])('is refused with words: %s', (_what, fields, words) => {
    expect(refusal(fields)).toContain(words);
  });

  it('is refused for a reason that an older GitLab knows', () => {
    expect(composeCiJob(aJob({ ...simple, services: [{ name: 'a' }], features: {} }), context)).toMatchObject(
      { refused: { failureReason: 'runner_system_failure' } },
    );
  });

  it('says what it does without: a cache, the policy of an image, another way into a registry', () => {
    const { notices } = composed(
      aJob({
        ...simple,
        cache: [{ key: 'deps', paths: ['node_modules'] }],
        image: { name: 'a', pull_policy: ['always'] },
        variables: [variable('DOCKER_AUTH_CONFIG', '{}')],
      }),
    );
    expect(notices).toHaveLength(3);
    expect(notices[0]).toContain('begins without deps');
  });

  it('says which variables mean something to another runner alone', () => {
    const { notices } = withVariables(
      variable('FF_ONE', 'true'),
      variable('FF_TWO', 'true'),
      variable('KUBERNETES_CPU_REQUEST', '4'),
      variable('RUNNER_GENERATE_ARTIFACTS_METADATA', 'true'),
    );
    expect(notices).toHaveLength(3);
    expect(notices[0]).toMatch(/^FF_ONE, FF_TWO: are feature flags/);
    expect(notices[1]).toContain('SLIPWAY_CPUS');
  });

  it('takes a setting that it does not understand for none, and says so', () => {
    const { notices, template } = withVariables(
      variable('GIT_STRATEGY', 'guess'),
      variable('GIT_CHECKOUT', 'perhaps'),
      variable('GET_SOURCES_ATTEMPTS', '99'),
      variable('RUNNER_SCRIPT_TIMEOUT', 'soon'),
    );
    expect(notices).toHaveLength(4);
    expect(notices[0]).toContain(
      'GIT_STRATEGY is "guess"; expected one of clone, fetch, none, empty; it is taken for "fetch"',
    );
    expect(template.steps.find(({ name }) => name === 'step_script')?.timeoutSeconds).toBeUndefined();
  });
});

it.each([
  ['90s', 90],
  ['15m', 900],
  ['1h30m', 5_400],
  ['1.5h', 5_400],
])('a script that may take %s is ended after %s s', (text, seconds) => {
  const { template } = withVariables(variable('RUNNER_SCRIPT_TIMEOUT', text));
  expect(template.steps.find(({ name }) => name === 'step_script')?.timeoutSeconds).toBe(seconds);
});
