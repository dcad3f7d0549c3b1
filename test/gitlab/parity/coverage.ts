/** Where a feature of the table in docs/gitlab.md is shown: a parity case by its name, or a test that stands in a file. */
export type Shown = { readonly case: string } | { readonly spec: string; readonly test: string };

const bridge = 'apps/gitlab-bridge';
const cases = (...names: readonly string[]): readonly Shown[] => names.map((name) => ({ case: name }));
const spec = (file: string, test: string): readonly Shown[] => [{ spec: `${bridge}/${file}.spec.ts`, test }];

const composed = 'src/domain/composing/compose-ci-job';
const ofScripts = 'test/composing/script';
const ofSources = 'test/composing/sources';

/** By the words of the row; the rows with “yes” all stand here, whose words change with those of the page. */
export const coverage: Readonly<Record<string, readonly Shown[]>> = {
  '`GIT_STRATEGY: clone`, `none`, `empty`': cases(
    'a clone',
    'no sources',
    'no sources, in an empty directory',
  ),
  '`GIT_STRATEGY: fetch`': cases('a fetch'),
  '`GIT_DEPTH`, refspecs, merge-request refs': [
    ...cases('a shallow clone', 'the whole history', 'a tag'),
    ...spec(ofSources, 'are as deep as is asked, with the refspecs that are asked'),
  ],
  '`GIT_CHECKOUT`, `GIT_CLEAN_FLAGS`, `GIT_FETCH_EXTRA_FLAGS`': [
    ...cases('sources that are not checked out, and several attempts', 'a fetch with flags of its own'),
    ...spec(ofSources, 'are cleaned as is asked'),
  ],
  // The official runner's shell executor takes it only where its settings let jobs choose their directory.
  '`GIT_CLONE_PATH`': spec(ofSources, 'lie where GIT_CLONE_PATH says'),
  '`GET_SOURCES_ATTEMPTS`': spec(ofSources, 'are tried for as often as is asked'),
  '`GIT_SUBMODULE_STRATEGY`, `…_DEPTH`, `…_PATHS`, `…_UPDATE_FLAGS`, `…_FORCE_HTTPS`': cases(
    'submodules',
    'no submodules unless asked for',
    'submodules of the first level, as deep as asked',
    'only submodules of some paths',
    'a submodule at the same GitLab, by its address over HTTPS',
  ),
  'Git LFS, `GIT_LFS_SKIP_SMUDGE`': cases(
    'large files',
    'large files that are left as pointers',
    'large files of a submodule',
  ),
  '`git fetch`, `git submodule update`, `git push` in scripts': [
    ...cases('git in a script, by the token of the job'),
    ...spec(ofSources, 'and password in no file of theirs'),
  ],
  '`hooks:pre_get_sources_script`, `hooks:post_get_sources_script`': cases(
    'hooks around the sources',
    'a hook before the sources that fails',
    'a hook after the sources that fails',
  ),
  'a GitLab whose certificate nodes do not know': spec(
    'test/composing/own-authority',
    'is known by the certificates that go with the job',
  ),
  'SHA-256 repositories': cases('a repository of SHA-256'),
  'a setting that cannot be understood (`GIT_STRATEGY: guess`)': cases('a strategy that nobody knows'),

  'predefined ones of GitLab': cases('what GitLab tells about the job', 'a tag', 'an ID token'),
  'type `file`': cases('a variable that is a file', 'a masked file'),
  masked: cases(
    'a masked variable',
    'a masked variable written in two pieces',
    'a masked variable in another one, raw and not',
    'tokens that GitLab knows by how they begin',
    'tokens of all kinds, and those of two kinds at once',
    'a secret inside a token, and in the middle of another secret',
    'secrets beside each other, and one that holds another',
    'secrets that overlap themselves and each other',
  ),
  'raw (`expand: false`), `$NAME`, `${NAME}`, `$$`': cases(
    'variables of a job and references among them',
    'a raw variable with a dollar in it',
    'a file in another variable is its path',
  ),
  // The traces of the shell itself are not the same: the shells have other things to do.
  '`CI_DEBUG_TRACE`': spec(ofScripts, 'shows all of itself where that is asked'),
  '`id_tokens:`': cases('an ID token'),
  '`GITLAB_ENV`': cases('variables that a script leaves for later ones'),

  '`before_script`, `script`': cases(
    'before_script in the same shell as script',
    'a command that fails in the middle',
    'a failure inside a pipe',
  ),
  'commands shown as they run': cases('a command of several lines', 'a command folded from several lines'),
  'exit code, `allow_failure:exit_codes`': cases(
    'a script that ends with an exit code',
    'an exit code that is allowed',
    'an exit code that is not allowed',
  ),
  '`after_script`': cases(
    'after_script in a shell of its own, told of the success',
    'after_script once the script has failed',
    'after_script once before_script has failed',
    'an after_script that fails changes nothing',
    'a job that is cancelled, with an after_script',
  ),
  '`AFTER_SCRIPT_IGNORE_ERRORS: false`': cases('an after_script whose failure counts'),
  '`RUNNER_SCRIPT_TIMEOUT`': cases('a script with a time-out of its own'),
  '`RUNNER_AFTER_SCRIPT_TIMEOUT` (5 minutes)': cases('an after_script that takes too long'),
  'timeout of the job': cases(
    'a job that takes too long',
    'a job that takes too long has no after_script and no artifacts',
  ),
  '`release:`': spec(ofScripts, 'is followed by the release'),
  '`retry:`, `when:`, `needs:`, `parallel:`, `rules:` …': cases(
    'a job that is tried again',
    'jobs for failures, for all ends, and for none',
    'a job that somebody plays',
    'files of the jobs that are needed',
  ),
  '`interruptible`, cancel': cases(
    'a job that is cancelled',
    'a job that is cancelled, with an after_script',
    'a job that is cancelled by force',
  ),

  '`image`': spec(ofScripts, 'runs in its image, by its entrypoint'),
  none: cases('a script that succeeds'),
  '`image:entrypoint`': spec(ofScripts, 'runs in its image, by its entrypoint'),
  "private images of the project's registry": spec(
    composed,
    'has nothing secret in it, and what is secret can be sealed',
  ),

  '`artifacts:paths`, `exclude` with `*`, `**`, `?`, `[a-z]`, `{a,b}`': cases(
    'a directory',
    'patterns',
    'all but some',
    'patterns of single letters and of alternatives',
    'no file that matches',
  ),
  '`untracked`': cases('what git does not know', 'what git does not know, but for some'),
  '`name`, `expire_in`, `when`': cases(
    'a name from variables',
    'how long artifacts are kept',
    'none after a failure',
    'those for failures',
    'those for failures after a success',
    'always',
  ),
  'links, modes': cases('programs and links', 'links that lead out, and to nothing'),
  'reports (`junit`, `dotenv`, `coverage_report`, …)': cases(
    'a test report',
    'variables for the next job',
    'reports as they are, and of coverage',
    'several test reports in one',
  ),
  'artifacts of a cancelled job': cases('what a job has made by the time that it is cancelled'),
  'artifacts of earlier jobs (`dependencies`, `needs:artifacts`)': cases(
    'files for the next job',
    'no files where a job wants none',
    'files of the jobs that are needed',
    'files of one of two jobs',
    'the end of a job without its files',
    'files of a job over what the repository has',
  ),
  '`cache`': cases('what is kept in a cache'),
};
