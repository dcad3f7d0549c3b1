import type { JobTemplate } from '#contracts';
import type { CiJob } from '#gitlab';
import type { SettingValues } from './setting-values.js';
import { complaint, heading, notice, section, words, workDirectory } from './shell-text.js';
import { type Beginning, commandsOf, enter, ownDirectory, ownFile, stageScript } from './stages.js';
import { artifactsDirectory } from './collect-artifacts.js';

/** One step of the grid job, as the wrapper runs them one after another. */
export type Step = JobTemplate['steps'][number];

/** How the commands of the user are run. */
export interface ScriptSettings extends Beginning {
  /** Shell text for what comes before the script in its own step. */
  readonly before?: string | undefined;
  readonly projectDirectory: string;
  readonly trace: boolean;
}

/** A step of the house alone, without anything of the user's: any shell does, with nothing of the node's profile. */
const plainStep = (name: string, script: string): Step => ({
  name,
  when: 'success',
  where: 'node',
  evenCancelled: false,
  script,
});

/** Fails before anything else where the node cannot bring the sources. */
export const needsGit = `command -v git >/dev/null || {
  ${complaint('this node has no git to get the sources with')}
  exit 1
}
`;

/** Says where it runs and makes what the others count on: where nothing brings the sources, their directory too. */
export const prepareExecutor = (places: readonly string[], then: string): Step =>
  plainStep('prepare_executor', `${heading('Preparing the worker node')}\n${preparations(places, then)}`);

/** The same as a section of the step after it, for a step of its own costs a node as much as a short script does. */
export const prepareBefore = (places: readonly string[], then: string): string =>
  section('prepare_executor', `${heading('Preparing the worker node')}\n${preparations(places, then)}`);

function preparations(places: readonly string[], then: string): string {
  const directories = [
    ...places,
    `${workDirectory}/${artifactsDirectory}`,
    `${workDirectory}/${ownDirectory}`,
  ];
  return `read -r slipway_ci_node 2>/dev/null </proc/sys/kernel/hostname || slipway_ci_node=$(uname -n)
printf '%s\\n' "Running on $slipway_ci_node..."
mkdir -p ${words(directories)}
${then}`;
}

/** The script, with before_script in it: GitLab makes them one. */
export function userScripts(
  job: CiJob,
  { before, ...settings }: ScriptSettings,
  values: SettingValues,
): readonly Step[] {
  const timeout = values.seconds('RUNNER_SCRIPT_TIMEOUT', undefined);
  return job.steps
    .filter(({ name }) => name === 'script' || name === 'release')
    .map(({ name, script }) => ({
      name: `step_${name}`,
      when: 'success',
      where: 'image',
      evenCancelled: false,
      ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
      script: stageScript({
        ...settings,
        ...(before !== undefined &&
          name === 'script' && {
            around: (command: string, title: string) => `set -e\n${before}${title}\nexec ${command}`,
          }),
        title: `Executing "step_${name}" stage of the job script`,
        body: `: >${ownFile('script-begun')}
${enter(settings.projectDirectory)}${name === 'release' ? `. ${ownFile('release.sh')}\n` : commandsOf(script)}`,
      }),
    }));
}

/** GitLab's `release` is a command with variables in it, which nobody but the runner expands: so it may hold a secret. */
export const releaseCommands = (job: CiJob, expanded: (text: string) => string): string | undefined => {
  const release = job.steps.find(({ name }) => name === 'release');
  return release === undefined
    ? undefined
    : commandsOf(release.script.map(expanded)).replaceAll(workDirectory, '');
};

/**
 * After the script, however that went, once it was begun. A limit of its own needs a program that most nodes and images
 * have; without it, that of the job is the limit.
 */
export function afterScript(job: CiJob, settings: ScriptSettings, values: SettingValues): readonly Step[] {
  const script = job.steps.find(({ name }) => name === 'after_script')?.script ?? [];
  if (script.length === 0) return [];
  const seconds = values.seconds('RUNNER_AFTER_SCRIPT_TIMEOUT', 300) ?? 300;
  const ignored = values.flag('AFTER_SCRIPT_IGNORE_ERRORS', true);
  const told = ignored
    ? `printf '\\033[0;33m%s\\033[0;m\\n' "WARNING: after_script failed, but job will continue unaffected: $slipway_ci_words"\nexit 0`
    : `printf '\\033[31;1m%s\\033[0;m\\n' "ERROR: after_script failed: $slipway_ci_words"\nexit "$slipway_ci_code"`;
  const around = (command: string, title: string): string => `[ -e ${ownFile('script-begun')} ] || exit 0
${title}
slipway_ci_limit=
for slipway_ci_limit in 'timeout -k 10' timeout ''; do
  [ -n "$slipway_ci_limit" ] || break
  $slipway_ci_limit 5 true 2>/dev/null && slipway_ci_limit="$slipway_ci_limit ${seconds}" && break
done
slipway_ci_code=0
$slipway_ci_limit ${command} || slipway_ci_code=$?
case $slipway_ci_code in
  0) exit 0 ;;
  124) slipway_ci_words='it took longer than ${seconds} s' ;;
  *) slipway_ci_words="exit status $slipway_ci_code" ;;
esac
${told}`;
  return [
    {
      name: 'after_script',
      when: 'always',
      where: 'image',
      evenCancelled: true,
      script: stageScript({
        ...settings,
        title: 'Running after_script',
        around,
        body: `case $SLIPWAY_STATUS in success) CI_JOB_STATUS=success ;; cancelled | canceled) CI_JOB_STATUS=canceled ;; *) CI_JOB_STATUS=failed ;; esac
export CI_JOB_STATUS
${enter(settings.projectDirectory)}${notice('Running after script...')}
${commandsOf(script)}`,
      }),
    },
  ];
}

/** Takes away the files that variables were put into. */
export const cleanUpVariables = (files: readonly string[], projectDirectory: string): readonly Step[] =>
  files.length === 0
    ? []
    : [
        {
          name: 'cleanup_file_variables',
          when: 'always',
          where: 'node',
          evenCancelled: true,
          script: `${heading('Cleaning up project directory and file based variables')}\nrm -f ${words([...new Set(files)].map((name) => `${projectDirectory}.tmp/${name}`))}\n`,
        },
      ];
