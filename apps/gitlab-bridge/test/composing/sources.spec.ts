import { git, makeRepository } from './repository.js';
import { script, variable } from './run-ci-job.js';
import { openWorld, type World } from './world.js';

// Real: git, HTTP, the job's wrapper and shells. GitLab is a git server that wants a password.
describe('the sources of a CI job', () => {
  let world: World;
  let subSha: string;
  let branchSha: string;

  beforeAll(async () => {
    world = await openWorld({ 'a.txt': 'first\n', '.gitignore': 'ignored\n' });
    const { server } = world;
    await makeRepository(server, 'group/deep', { 'deep.txt': 'deep\n' });
    subSha = await makeRepository(server, 'group/sub', { 'sub.txt': 'sub\n' }, (directory) => {
      submodule(directory, `${server.directory}/group/deep.git`, '../deep.git', 'deep');
    });
    branchSha = addBranch(world);
  });
  afterAll(() => world.close());

  it('are as deep as is asked, with the refspecs that are asked, and password in no file of theirs', async () => {
    const { code, log } = await world.run({
      git_info: world.gitInfo({
        sha: branchSha,
        ref: 'modules',
        depth: 1,
        refspecs: ['+refs/heads/modules:refs/remotes/origin/modules', '+refs/heads/main:refs/made/up'],
      }),
      steps: [
        script(
          'echo "commits $(git rev-list --count HEAD)"',
          'echo "ref $(git rev-parse refs/made/up)"',
          'echo "head $(git rev-parse HEAD)"',
          'git remote get-url origin',
          'if grep -r -e "$CI_JOB_TOKEN" .git; then exit 1; fi',
          'test ! -e sub/sub.txt && git submodule update --init && cat sub/sub.txt',
        ),
      ],
    });
    expect(code).toBe(0);
    expect(log).toContain('Fetching changes with git depth set to 1...');
    expect(log).toContain('\ncommits 1\n');
    expect(log).toContain(`\nref ${world.sha}\n`);
    expect(log).toContain(`\nhead ${branchSha}\n`);
    expect(log).toContain(`\n${world.server.url}/group/project.git\n`);
    expect(log).toContain('Skipping Git submodules setup');
    expect(log).toMatch(/\nsub\n/);
  });

  it.each([
    ['normal', 'sub', false],
    ['recursive', 'sub', true],
  ])('bring submodules with the strategy %s', async (strategy, _paths, isDeepThere) => {
    const { code, log } = await world.run({
      git_info: world.gitInfo({
        sha: branchSha,
        ref: 'modules',
        refspecs: ['+refs/heads/modules:refs/remotes/origin/modules'],
      }),
      variables: [
        variable('GIT_SUBMODULE_STRATEGY', strategy),
        variable('GIT_SUBMODULE_DEPTH', '1'),
        variable('GIT_SUBMODULE_PATHS', 'sub'),
        variable('GIT_SUBMODULE_UPDATE_FLAGS', '--jobs 2'),
      ],
      steps: [
        script(
          'cat sub/sub.txt',
          'git -C sub rev-parse HEAD',
          'test -e other/sub.txt || echo "no other"',
          'test -e sub/deep/deep.txt && echo deep || echo shallow',
        ),
      ],
    });
    expect(code).toBe(0);
    expect(log).toContain(`\n${subSha}\n`);
    expect(log).toContain('no other\n');
    expect(log).toContain(isDeepThere ? '\ndeep\n' : '\nshallow\n');
  });

  it('are not there with the strategy none, and hooks neither; the script runs in an empty directory', async () => {
    const { code, log } = await world.run({
      variables: [variable('GIT_STRATEGY', 'none')],
      hooks: [{ name: 'pre_get_sources_script', script: ['echo hooked'] }],
      steps: [script('echo "files: $(ls -A)"', '[ "$PWD" = "$CI_PROJECT_DIR" ] && echo here')],
    });
    expect(code).toBe(0);
    expect(log).toContain('Skipping Git repository setup');
    expect(log).toMatch(
      /section_start:\d{10}:get_sources\r[^]*Skipping Git.*[^]*section_end:\d{10}:get_sources\r/,
    );
    expect(log).toContain('\nfiles: \n');
    expect(log).toContain('\nhere\n');
    expect(log).not.toContain('hooked\n');
  });

  it('lie where GIT_CLONE_PATH says, between the hooks, and need not be checked out', async () => {
    const { code, log } = await world.run({
      variables: [
        variable('GIT_CLONE_PATH', '$CI_BUILDS_DIR/my place/$CI_JOB_NAME'),
        variable('CI_JOB_NAME', 'it'),
        variable('GIT_CHECKOUT', 'false'),
        variable('GIT_STRATEGY', 'clone'),
        variable('GIT_FETCH_EXTRA_FLAGS', '--no-tags --verbose'),
      ],
      hooks: [
        { name: 'pre_get_sources_script', script: ['echo "before $CI_SERVER"'] },
        { name: 'post_get_sources_script', script: ['echo "after in ${PWD##*/builds/}"'] },
      ],
      steps: [
        script('echo "in ${PWD##*/builds/}"', 'test ! -e a.txt', 'echo "dir ${CI_PROJECT_DIR##*/builds/}"'),
      ],
    });
    expect(code).toBe(0);
    expect(log).toMatch(
      /before yes\n[^]*Fetching changes[^]*after in my place\/it\n[^]*in my place\/it\n[^]*dir my place\/it\n/,
    );
    expect(log).toContain('Skipping Git checkout');
  });

  it('are tried for as often as is asked, and the job fails as git does', async () => {
    let refused = 0;
    world.server.answer = (_request, response) => {
      if (refused >= 2) return false;
      refused++;
      response.writeHead(503).end();
      return true;
    };
    const second = await world.run({
      variables: [variable('GET_SOURCES_ATTEMPTS', '3')],
      steps: [script('cat a.txt')],
    });
    expect(second.code).toBe(0);
    expect(second.log).toContain('\nfirst\n');
    refused = 0;
    const failed = await world.run({
      steps: [script('echo never'), { name: 'after_script', script: ['echo never'] }],
    });
    expect(failed.end).toMatchObject({ step: 'get_sources', exit: '128', fault: 'script-failed' });
    expect(failed.log).not.toContain('never');
    world.server.answer = () => false;
  });

  it('are cleaned as is asked', async () => {
    const fields = {
      hooks: [{ name: 'pre_get_sources_script', script: ['mkdir -p "$CI_PROJECT_DIR"'] }],
      steps: [script('git status --short; echo done')],
    };
    const { code, log } = await world.run({ ...fields, variables: [variable('GIT_CLEAN_FLAGS', 'none')] });
    expect(code).toBe(0);
    expect(log).toContain('done\n');
  });
});

function submodule(directory: string, from: string, url: string, path: string): void {
  git(directory, '-c', 'protocol.file.allow=always', 'submodule', 'add', '--quiet', from, path);
  git(directory, 'config', '-f', '.gitmodules', `submodule.${path}.url`, url);
}

/** A branch with submodules whose addresses are relative, as they are in GitLab. */
function addBranch({ server }: World): string {
  const work = `${server.directory}/work`;
  git(server.directory, 'clone', '--quiet', `${server.directory}/group/project.git`, work);
  git(work, 'checkout', '--quiet', '-b', 'modules');
  submodule(work, `${server.directory}/group/sub.git`, '../sub.git', 'sub');
  submodule(work, `${server.directory}/group/sub.git`, '../sub.git', 'other');
  git(work, 'add', '--all');
  git(work, 'commit', '--quiet', '--message', 'Submodules');
  git(work, 'push', '--quiet', 'origin', 'modules');
  return git(work, 'rev-parse', 'HEAD');
}
