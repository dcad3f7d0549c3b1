import type { CiArtifact, CiJob } from '#gitlab';
import { posix } from 'node:path';
import type { CiVariables } from './ci-variables.js';
import type { ArtifactPlan } from './composed.js';
import { type PathPattern, pathPattern } from './doublestar.js';
import { complaint, notice, warning, word, workDirectory } from './shell-text.js';
import { ownFile } from './stages.js';

/** Directory of the outputs that artifacts lie in, one directory below it for each upload. */
export const artifactsDirectory = 'slipway-artifacts';

/** What is collected for one upload. */
export interface PlannedArtifact {
  readonly plan: ArtifactPlan;
  readonly paths: readonly PlannedPath[];
  readonly exclude: readonly PathPattern[];
  readonly untracked: boolean;
}

/** A path as the user wrote it, and what it means; or why nothing can be found by it. */
export interface PlannedPath {
  readonly written: string;
  readonly pattern?: PathPattern;
  readonly problem?: string;
}

/** Which artifacts a CI job may leave, and which paths of the project belong to each. */
export function plannedArtifacts(
  job: CiJob,
  variables: CiVariables,
  projectDirectory: string,
): readonly PlannedArtifact[] {
  const read = (path: string): PlannedPath => plannedPath(variables.expanded(path), projectDirectory);
  return job.artifacts
    .filter(({ paths, untracked }) => paths.length > 0 || untracked)
    .map((artifact, index) => ({
      plan: planOf(artifact, index, variables),
      paths: artifact.paths.map(read),
      exclude: artifact.exclude.flatMap((path) => read(path).pattern ?? []),
      untracked: artifact.untracked,
    }));
}

const planOf = (artifact: CiArtifact, index: number, variables: CiVariables): ArtifactPlan => ({
  directory: `${artifactsDirectory}/${index}`,
  // A directory of the node is nothing that a file could be called.
  name: variables.expanded(artifact.name).replaceAll(workDirectory, '').replaceAll('/', '-') || 'artifacts',
  type: artifact.artifact_type || 'archive',
  format:
    artifact.artifact_format === 'gzip' || artifact.artifact_format === 'raw'
      ? artifact.artifact_format
      : 'zip',
  expireIn: artifact.expire_in,
  when: artifact.when === 'always' || artifact.when === 'on_failure' ? artifact.when : 'on_success',
});

/** A path from the directory of the job is an absolute one, whatever that will be. */
const rooted = (path: string): string => path.replaceAll(workDirectory, `/${workDirectory}`);

/** By the directory of the sources, where absolute paths lead into it as well. */
function plannedPath(written: string, projectDirectory: string): PlannedPath {
  const shown = written.replaceAll(workDirectory, '');
  if (written === '') return { written, problem: 'No matching files. Path is empty.' };
  if (/[\n\r]/.test(written)) return { written: shown, problem: `${shown}: a path of several lines` };
  const path =
    posix.relative(rooted(projectDirectory), posix.resolve(rooted(projectDirectory), rooted(written))) || '.';
  if (path === '..' || path.startsWith('../'))
    return { written: shown, problem: `artifact path is not a subpath of project directory: ${shown}` };
  const pattern = pathPattern(path);
  return pattern === undefined
    ? { written: shown, problem: `${shown}: syntax error in pattern` }
    : { written: shown, pattern };
}

/** Shell text that puts what is to be uploaded into the directories of the plans: hard links where they can be had. */
export function collectArtifacts(planned: readonly PlannedArtifact[]): string {
  return `${programs}${planned.map(collectOne).join('')}`;
}

const collectOne = ({
  exclude,
  paths,
  plan,
  untracked,
}: PlannedArtifact): string => `${notice('Uploading artifacts...')}
slipway_ci_begin ${word(exclude.map(({ expression }) => expression).join('|'))}
${paths.map(findText).join('')}${untracked ? 'slipway_ci_untracked\n' : ''}slipway_ci_link ${word(`${workDirectory}/${plan.directory}`)}
`;

const findText = ({ pattern, problem, written }: PlannedPath): string =>
  pattern === undefined
    ? `${warning(problem ?? written)}\n`
    : `slipway_ci_find ${word(written)} ${word(`./${pattern.below}`)} ${word(pattern.expression)} ${pattern.isExact ? "''" : '-H'}\n`;

/**
 * A path that matches brings all that is below it; find names a directory before what is in it. Names with a line feed
 * are left out. What is in a directory outside of the sources is not looked at, whatever links lead there.
 */
const programs = `slipway_ci_root=$(pwd -P)
slipway_ci_files=${ownFile('collected')}
mkdir -p "$slipway_ci_files"
slipway_ci_line='
'
slipway_ci_begin() { # expression of what is left out
  slipway_ci_exclude=$1
  : >"$slipway_ci_files/all"
}
slipway_ci_select() { # expression; the names found are added, and counted
  slipway_ci_expression=$1 slipway_ci_exclude=$slipway_ci_exclude LC_ALL=C awk '
    BEGIN { wanted = ENVIRON["slipway_ci_expression"]; unwanted = ENVIRON["slipway_ci_exclude"] }
    {
      path = $0
      while (substr(path, 1, 2) == "./") path = substr(path, 3)
      if (top == "" || substr(path, 1, length(top) + 1) != top "/") {
        if (path !~ wanted) next
        top = path
      }
      if (unwanted != "" && path ~ unwanted) { left++; next }
      print path >>ENVIRON["slipway_ci_all"]
      found++
    }
    END { print found + 0, left + 0 }'
}
slipway_ci_is_inside() { # path, whether a link at its end is followed
  slipway_ci_parent=$1
  [ -n "$2" ] || { [ -d "$1" ] && [ ! -L "$1" ]; } || slipway_ci_parent=\${1%/*}
  slipway_ci_parent=$(cd -P -- "$slipway_ci_parent" 2>/dev/null && pwd -P) || return 1
  case $slipway_ci_parent/ in "$slipway_ci_root"/*) return 0 ;; esac
  return 1
}
slipway_ci_find() { # as it was written, where to look, expression, -H where a link to there is followed
  slipway_ci_found='0 0'
  if slipway_ci_is_inside "$2" "$4" && { [ -e "$2" ] || [ -L "$2" ]; }; then
    slipway_ci_found=$({ find $4 "$2" ! -path "*$slipway_ci_line*" -print 2>/dev/null || :; } | slipway_ci_select "$3")
  fi
  case $slipway_ci_found in
    0\\ *) printf '\\033[0;33m%s\\033[0;m\\n' "WARNING: $1: no matching files. Ensure that the artifact path is relative to the working directory ($slipway_ci_root)" ;;
    *) printf '%s\\n' "$1: found \${slipway_ci_found% *} matching artifact files and directories" ;;
  esac
}
slipway_ci_untracked() {
  set -- "$(git ls-files -o -z | tr '\\000' '\\n' | slipway_ci_select '^')" || set -- '0 0'
  case $1 in
    0\\ *) ${warning('untracked: no files')} ;;
    *) printf '%s\\n' "untracked: found \${1% *} files" ;;
  esac
}
slipway_ci_flush() { # where to, files of one directory
  slipway_ci_to=$1/$slipway_ci_directory
  shift
  [ $# -gt 0 ] || return 0
  mkdir -p -- "$slipway_ci_to"
  ln -- "$@" "$slipway_ci_to/" 2>/dev/null && return 0
  for slipway_ci_file; do
    [ -e "$slipway_ci_to/\${slipway_ci_file##*/}" ] || [ -L "$slipway_ci_to/\${slipway_ci_file##*/}" ] ||
      ln -- "$slipway_ci_file" "$slipway_ci_to/" 2>/dev/null || cp -pRP -- "$slipway_ci_file" "$slipway_ci_to/"
  done
}
slipway_ci_link() { # where to
  LC_ALL=C sort -u "$slipway_ci_files/all" >"$slipway_ci_files/list"
  if [ ! -s "$slipway_ci_files/list" ]; then
    ${complaint('No files to upload')}
    return 0
  fi
  LC_ALL=C awk '{ while (sub("/[^/]*$", "")) if (!seen[$0]++) print; else break }' "$slipway_ci_files/list" >"$slipway_ci_files/parents"
  slipway_ci_upload=$1 slipway_ci_directory=
  mkdir -p -- "$1"
  set --
  while IFS= read -r slipway_ci_path; do
    if [ -d "$slipway_ci_path" ] && [ ! -L "$slipway_ci_path" ]; then
      mkdir -p -- "$slipway_ci_upload/$slipway_ci_path"
      continue
    fi
    if [ -L "$slipway_ci_path" ]; then
      # What is found beyond a link lies in a directory in its place.
      ! LC_ALL=C grep -qxF -e "$slipway_ci_path" "$slipway_ci_files/parents" || continue
    elif [ ! -f "$slipway_ci_path" ]; then
      continue
    fi
    case $slipway_ci_path in */*) slipway_ci_here=\${slipway_ci_path%/*} ;; *) slipway_ci_here=. ;; esac
    if [ "$slipway_ci_here" != "$slipway_ci_directory" ] || [ $# -ge 200 ]; then
      slipway_ci_flush "$slipway_ci_upload" "$@"
      slipway_ci_directory=$slipway_ci_here
      set --
    fi
    set -- "$@" "./$slipway_ci_path"
  done <"$slipway_ci_files/list"
  slipway_ci_flush "$slipway_ci_upload" "$@"
}
export slipway_ci_all="$slipway_ci_files/all"
`;
