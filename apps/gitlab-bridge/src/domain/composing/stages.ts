import { heading, warning, word, words, workDirectory } from './shell-text.js';

/** Where what only the steps read lies, below the directory of the job. */
export const ownDirectory = '.slipway-ci';

/** Path of one of these files, as a word of a shell. */
export const ownFile = (name: string): string => word(`${workDirectory}/${ownDirectory}/${name}`);

/** What a step's commands are begun with. */
export interface Beginning {
  /** What the image is entered by: the shell is its last argument. */
  readonly entrypoint?: readonly string[] | undefined;
  /** As a person who logs in: with what the node's profile sets, which a batch system has not run. */
  readonly login: boolean;
}

/** A step that runs commands in the best shell there is. */
export interface Stage extends Beginning {
  /** What the section does, in the words of GitLab's own runner. */
  readonly title: string;
  /** Shell text, after the variables were set. Errors end it. */
  readonly body: string;
  /** Each command is shown as the shell runs it. */
  readonly trace: boolean;
  /** What runs the command that is the stage itself, in shell text for `sh -e`; absent: that takes the shell's place. The title is to be said by it. */
  readonly around?: (command: string, title: string) => string;
  /** To be read before the variables, for the commands of this stage alone. */
  readonly secrets?: string;
}

/**
 * The text of a step. It begins in the `sh` that the job's wrapper has, looks for bash, as GitLab's own runner does, and
 * runs itself in that; so one file is both, and nothing of it is in an argument list.
 */
export function stageScript(stage: Stage): string {
  const command =
    `${words(stage.entrypoint ?? [])} "$slipway_ci_shell"${stage.login ? ' -l' : ''} "$0"`.trim();
  const begin = (itself: string): string =>
    (stage.around ?? ((alone) => `${heading(stage.title)}\nexec ${alone}`))(itself, heading(stage.title));
  return `if [ -z "\${slipway_ci_stage-}" ]; then
export slipway_ci_stage=commands
slipway_ci_shell=bash
command -v bash >/dev/null || slipway_ci_shell=sh
${begin(command)}
fi
unset slipway_ci_stage
. ${ownFile('variables.sh')}
${stage.secrets === undefined ? '' : `. ${ownFile(stage.secrets)}\n`}${stage.trace ? 'set -o xtrace\n' : ''}if [ -n "\${BASH_VERSION-}" ] || (set -o pipefail) 2>/dev/null; then set -o pipefail; fi
set -o errexit
set +o noclobber
${stage.body}`;
}

/** The commands of a user, each shown before it runs. */
export const commandsOf = (script: readonly string[]): string =>
  script
    .map((given) => {
      const command = given.replaceAll('\0', '').trim();
      if (command === '') return "printf '\\n'\n";
      const [first = '', ...more] = command.split('\n');
      const shown = more.length > 0 ? `$ ${first} # collapsed multi-line command` : `$ ${first}`;
      return `printf '%s\\n' ${word(`\u001B[32;1m${shown}\u001B[0;m`)}\n${command}\n`;
    })
    .join('');

/** Shell text that goes to the sources, where the user's commands begin. */
export const enter = (projectDirectory: string): string => `cd ${word(projectDirectory)}\n`;

/** Runs a stage until it goes well, at most so often. */
export const tries =
  (attempts: number) =>
  (command: string, title: string): string => `${title}
slipway_ci_tried=0
while :; do
  slipway_ci_code=0
  ${command} || slipway_ci_code=$?
  [ "$slipway_ci_code" != 0 ] || exit 0
  slipway_ci_tried=$((slipway_ci_tried + 1))
  [ "$slipway_ci_tried" -lt ${attempts} ] || exit "$slipway_ci_code"
  ${warning('this went wrong, and is tried again')}
  sleep "$slipway_ci_tried"
done`;
