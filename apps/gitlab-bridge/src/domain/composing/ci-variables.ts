import type { CiJob } from '#gitlab';
import type { ComposingContext } from './composed.js';
import { expand } from './expansion.js';
import { withoutNul, word, workDirectory } from './shell-text.js';

/** A variable as the scripts see it: expanded. */
export interface ExpandedVariable {
  readonly key: string;
  readonly value: string;
  /** The value is in a file, and the variable holds its path. */
  readonly file: boolean;
}

interface GivenVariable extends ExpandedVariable {
  readonly raw: boolean;
}

/** All variables of a CI job. Later ones of the same name count. */
export interface CiVariables {
  readonly all: readonly ExpandedVariable[];
  /** The value; of a file variable what is in the file. Empty where there is none. */
  value(name: string): string;
  /** A text with variables in it; those of files are their paths. */
  expanded(text: string): string;
}

/** CI_BUILDS_DIR: below the job's own directory, which a placeholder stands for until the job runs. */
export const buildsDirectory = `${workDirectory}/builds`;

const given = (key: string, value: string, more: Partial<GivenVariable> = {}): GivenVariable => ({
  key,
  value,
  file: false,
  raw: false,
  ...more,
});

/** Those that the runner adds, and that the job's own stand above. */
function ofRunner(job: CiJob, context: ComposingContext, projectDirectory: string): readonly GivenVariable[] {
  return [
    given('CI', 'true'),
    given('GITLAB_CI', 'true'),
    ...(job.image.name === '' ? [] : [given('CI_JOB_IMAGE', withoutNul(job.image.name))]),
    given('CI_RUNNER_SHORT_TOKEN', context.runner.shortToken ?? ''),
    given('CI_BUILDS_DIR', buildsDirectory, { raw: true }),
    given('CI_PROJECT_DIR', projectDirectory, { raw: true }),
    given('CI_CONCURRENT_ID', '0'),
    given('CI_CONCURRENT_PROJECT_ID', '0'),
    given('CI_SERVER', 'yes'),
    given('CI_JOB_STATUS', 'running'),
    ...(job.runner_info.timeout > 0 ? [given('CI_JOB_TIMEOUT', String(job.runner_info.timeout))] : []),
    ...(context.gitlab.ca === undefined
      ? []
      : [given('CI_SERVER_TLS_CA_FILE', context.gitlab.ca, { file: true, raw: true })]),
  ];
}

/** And those that no job changes. */
const ofMachine = (context: ComposingContext, projectDirectory: string): readonly GivenVariable[] => [
  given('CI_DISPOSABLE_ENVIRONMENT', 'true'),
  given('CI_RUNNER_VERSION', context.version ?? ''),
  given('RUNNER_TEMP_PROJECT_DIR', `${projectDirectory}.tmp`, { raw: true }),
];

/** The variables of a CI job by rising precedence: the runner's, the job's own, and those of the machine. */
export function ciVariables(
  job: CiJob,
  context: ComposingContext,
  projectDirectory = projectDirectoryOf(job),
): CiVariables {
  const list = [
    ...ofRunner(job, context, projectDirectory),
    ...job.variables.map((variable) => ({
      key: withoutNul(variable.key),
      value: withoutNul(variable.value),
      file: variable.file,
      raw: variable.raw,
    })),
    ...ofMachine(context, projectDirectory),
  ];
  const last = new Map(list.map((variable) => [variable.key, variable]));
  // What stands in another variable is as it was written, and of a file the path: so it is with GitLab's own runner.
  const lookUp = (name: string): string => {
    const found = last.get(name);
    return found?.file === true ? `${projectDirectory}.tmp/${name}` : (found?.value ?? '');
  };
  const expanded = (text: string): string => expand(text, lookUp);
  const all = list.map(({ key, value, file, raw }) => ({ key, value: raw ? value : expanded(value), file }));
  const values = new Map(all.map(({ key, value }) => [key, value]));
  return {
    all,
    value: (name) => values.get(name) ?? '',
    expanded: (text) =>
      expand(withoutNul(text), (name) =>
        last.get(name)?.file === true ? `${projectDirectory}.tmp/${name}` : (values.get(name) ?? ''),
      ),
  };
}

/** Where the sources lie unless GIT_CLONE_PATH says otherwise: as with GitLab's own runner, by the project's path. */
export function projectDirectoryOf(job: CiJob): string {
  const path = withoutNul(job.job_info.project_full_path || job.job_info.project_name || 'project');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  return `${buildsDirectory}/${parts.join('/') || 'project'}`;
}

/**
 * Shell text that exports them. A name that a shell has no variable for, or keeps to itself, costs a warning and not the
 * job: in a house of many nodes the user cannot know their shells. Those of the item, which are there already, stand
 * above them.
 */
export function exportsOf(variables: CiVariables, projectDirectory: string): string {
  const lines = variables.all.map(({ key, value, file }) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return `slipway_ci_no_variable ${word(key)}`;
    const exported = `command export ${key}=${word(file ? `${projectDirectory}.tmp/${key}` : value)} || slipway_ci_no_variable ${key}`;
    return file ? `slipway_ci_file ${key} ${word(value)}\n${exported}` : exported;
  });
  return `slipway_ci_no_variable() {
  printf '\\033[0;33m%s\\033[0;m\\n' "WARNING: no variable of a shell on this node: $1"
}
slipway_ci_file() {
  (umask 077 && mkdir -p ${word(`${projectDirectory}.tmp`)} && printf '%s' "$2" >${word(`${projectDirectory}.tmp/`)}"$1")
}
for slipway_ci_item in $SLIPWAY_ITEM_VARIABLES; do eval "slipway_ci_item_$slipway_ci_item=\\$$slipway_ci_item"; done
${lines.join('\n')}
for slipway_ci_item in $SLIPWAY_ITEM_VARIABLES; do
  eval "command export $slipway_ci_item=\\"\\$slipway_ci_item_$slipway_ci_item\\"; unset slipway_ci_item_$slipway_ci_item"
done
unset slipway_ci_item
export GITLAB_ENV=${word(`${projectDirectory}.tmp/gitlab_runner_env`)}
: >>"$GITLAB_ENV"
while read -r slipway_ci_line; do command export "$slipway_ci_line"; done <"$GITLAB_ENV"
unset slipway_ci_line
unset -f slipway_ci_no_variable slipway_ci_file
`;
}
