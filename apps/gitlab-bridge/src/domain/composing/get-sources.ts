import type { CiJob } from '#gitlab';
import { type GitSettings } from './git-settings.js';
import { credentialHelper, credentialSettings, type RepositoryAccess } from './repository-access.js';
import { notice, word, words } from './shell-text.js';
import { commandsOf } from './stages.js';

/** From where the sources come, how (GIT_STRATEGY and its like), and where to. */
export interface SourcesToGet {
  readonly job: CiJob;
  readonly access: RepositoryAccess;
  readonly settings: GitSettings;
  readonly projectDirectory: string;
  readonly userAgent: string;
  /** Certificates that the host is checked by, a path; absent: those of the node. */
  readonly caFile?: string | undefined;
}

/** Shell text that says that there are none: nothing is left to do then, and nothing of the job's is needed for it. */
export const withoutSources = [
  notice('Skipping Git repository setup'),
  // Then there is nothing to check out; what is asked for by GIT_CHECKOUT has no object.
  notice('Skipping Git checkout'),
  notice('Skipping Git submodules setup'),
  '',
].join('\n');

/** Shell text that brings the sources, with the hooks before and after; nothing of it is secret. */
export function getSources(sources: SourcesToGet): string {
  const { job, settings } = sources;
  return [
    // git leaves behind what it cannot be asked for here: a question to nobody.
    'export GIT_TERMINAL_PROMPT=0',
    `slipway_ci_git() { git ${words(gitOptions(sources))} "$@"; }`,
    ...(settings.skipLargeFiles ? [] : ['export GIT_LFS_SKIP_SMUDGE=1']),
    commandsOf(hook(job, 'pre_get_sources_script')),
    ...fetchText(sources),
    ...(settings.checkout ? checkoutText(sources) : [notice('Skipping Git checkout')]),
    ...submodulesText(settings),
    commandsOf(hook(job, 'post_get_sources_script')),
  ].join('\n');
}

const hook = (job: CiJob, name: string): readonly string[] =>
  job.hooks.filter((each) => each.name === name).flatMap(({ script }) => script);

/** What every call of git gets here: in its arguments, for older ones take it from nowhere else down to submodules. */
function gitOptions({ access, caFile, settings, userAgent }: SourcesToGet): readonly string[] {
  const { forceHttps } = settings.submodules;
  return [
    ...credentialSettings(access, caFile),
    ['http.userAgent', userAgent] as const,
    // A repository that goes with the job needs no tidying, which is another program after each fetch.
    ['maintenance.auto', 'false'] as const,
    ['gc.auto', '0'] as const,
    ...(forceHttps && access.origin !== undefined
      ? [
          [`url.${access.origin}/.insteadOf`, `git@${access.host}:`] as const,
          [`url.${access.origin}/.insteadOf`, `ssh://git@${access.host}/`] as const,
        ]
      : []),
  ].flatMap(([key, value]) => ['-c', `${key}=${value}`]);
}

function fetchText(sources: SourcesToGet): readonly string[] {
  const { access, caFile, job, projectDirectory, settings } = sources;
  const template = word(`${projectDirectory}.tmp/git-template`);
  const depth = settings.depth > 0 ? ['--depth', String(settings.depth)] : [];
  const format = job.git_info.repo_object_format;
  return [
    notice(
      settings.depth > 0
        ? `Fetching changes with git depth set to ${settings.depth}...`
        : 'Fetching changes...',
    ),
    // A fetch on a node that has nothing yet is a clone; only a further try finds what an earlier one left.
    `if [ -e ${word(projectDirectory)} ] || [ -e ${template} ]; then rm -rf ${word(projectDirectory)} ${template}; fi`,
    `mkdir -p ${template}`,
    `printf '%s' ${word(repositoryConfiguration(access))} >${template}/config`,
    // Where it lies is known on the node alone: git writes it as git reads it.
    ...(caFile === undefined || access.origin === undefined
      ? []
      : [`git config -f ${template}/config ${word(`http.${access.origin}.sslCAInfo`)} ${word(caFile)}`]),
    `git init ${word(projectDirectory)} --template ${template}${format === '' || format === 'sha1' ? '' : ` --object-format ${word(format)}`}`,
    `cd ${word(projectDirectory)}`,
    notice('Created fresh repository.'),
    `slipway_ci_git fetch origin ${words([...job.git_info.refspecs, ...depth, ...settings.fetchFlags])}`,
  ];
}

/** What `git config` and `git remote add` would write, each a process of its own. */
function repositoryConfiguration(access: RepositoryAccess): string {
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, String.raw`\$&`)}"`;
  const helpers =
    access.origin === undefined
      ? ''
      : `[credential ${quoted(access.origin)}]\n\thelper =\n\thelper = ${quoted(credentialHelper)}\n`;
  return `[init]
\tdefaultBranch = none
[fetch]
\trecurseSubmodules = false
[remote "origin"]
\turl = ${quoted(access.url)}
\tfetch = +refs/heads/*:refs/remotes/origin/*
${helpers}`;
}

function checkoutText({ job, settings }: SourcesToGet): readonly string[] {
  const { ref, sha } = job.git_info;
  return [
    notice(`Checking out ${sha.slice(0, 8)} as detached HEAD (ref is ${ref})...`),
    `slipway_ci_git checkout -f -q ${word(sha)}`,
    ...(settings.skipLargeFiles
      ? []
      : ["if command -v git-lfs >/dev/null; then slipway_ci_git lfs pull; printf '\\n'; fi"]),
  ];
}

function submodulesText({ cleanFlags, skipLargeFiles, submodules }: GitSettings): readonly string[] {
  const { depth, paths, strategy, updateFlags } = submodules;
  if (strategy === 'none') return [notice('Skipping Git submodules setup')];
  const recursive = strategy === 'recursive' ? ['--recursive'] : [];
  const these = paths.length > 0 ? ['--', ...paths] : [];
  const withDepth = depth > 0 ? ['--depth', String(depth)] : [];
  const each = (command: string): string =>
    `slipway_ci_git submodule foreach ${words([...recursive, command])}`;
  const clean = each(`git clean ${words(cleanFlags)}`);
  return [
    notice(
      `Updating/initializing submodules${recursive.length > 0 ? ' recursively' : ''}${depth > 0 ? ` with git depth set to ${depth}` : ''}...`,
    ),
    'slipway_ci_git submodule init',
    `slipway_ci_git submodule sync ${words([...recursive, ...these])}`,
    `slipway_ci_git submodule update --init ${words([...recursive, ...withDepth, ...updateFlags, ...these])}`,
    ...(cleanFlags.length > 0 ? [clean] : []),
    ...(skipLargeFiles ? [] : [`if git lfs version >/dev/null 2>&1; then ${each('git lfs pull')}; fi`]),
  ];
}
