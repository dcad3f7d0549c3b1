import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitServer, makeRepository, password, startGitServer } from './repository.js';
import { aJob, removeRuns, runCiJob, type RunCiJob, script, variable } from './run-ci-job.js';

let server: GitServer;
let sources: object;

beforeAll(async () => {
  server = await startGitServer();
  const sha = await makeRepository(server, 'group/project', { 'a.txt': 'hello\n' });
  sources = {
    allow_git_fetch: true,
    git_info: {
      repo_url: `${server.url.replace('//', `//gitlab-ci-token:${password}@`)}/group/project.git`,
      ref: 'main',
      sha,
      refspecs: ['+refs/heads/main:refs/remotes/origin/main'],
      depth: 20,
    },
  };
});

afterAll(async () => {
  await server.stop();
  await removeRuns();
});

const run = (fields: Readonly<Record<string, unknown>>): Promise<RunCiJob> =>
  runCiJob(aJob({ ...sources, ...fields }));

describe('a CI job on its worker node', () => {
  it('has the sources, its variables and files, and brings its artifacts', async () => {
    const { code, end, log, outputs } = await run({
      variables: [
        variable('CI_JOB_TOKEN', password, { masked: true }),
        variable('FILE', 'what is in it', { file: true }),
        variable('GREETING', 'from $CI_SERVER in ${CI_PROJECT_DIR}'),
      ],
      steps: [
        script(
          'cat a.txt',
          '[ "$PWD" = "$CI_PROJECT_DIR" ] && echo "$GREETING"',
          'cat "$FILE"; echo; echo "at $FILE"',
          'git fetch --quiet origin && echo fetched',
          'mkdir -p out/x && echo 1 >out/x/y.log',
        ),
        { name: 'after_script', script: ['echo "status $CI_JOB_STATUS"'] },
      ],
      artifacts: [{ paths: ['out/**/*.log', 'none'] }],
    });
    expect(end).toMatchObject({ fault: '', exit: '' });
    expect(code).toBe(0);
    expect(log).toContain('hello\n');
    expect(log).toMatch(/\nfrom yes in \/.*\/builds\/group\/project\n/);
    expect(log).toMatch(/what is in it\nat \/.*\/group\/project\.tmp\/FILE\n/);
    expect(log).toContain('fetched\n');
    expect(log).toContain('status success\n');
    expect(log).toContain('out/**/*.log: found 1 matching artifact files and directories\n');
    expect(log).toContain('WARNING: none: no matching files. Ensure that the artifact path is relative');
    expect(log).not.toContain(password);
    expect(await readFile(join(outputs, 'slipway-artifacts/0/out/x/y.log'), 'utf8')).toBe('1\n');
  });

  it('ends with the exit status of its script, and the after_script comes all the same', async () => {
    const { code, end, log } = await run({
      steps: [
        script('echo first', '(exit 42)', 'echo never'),
        { name: 'after_script', script: ['echo "status $CI_JOB_STATUS"', 'exit 3'] },
      ],
    });
    expect(code).toBe(42);
    expect(end).toMatchObject({ exit: '42', step: 'step_script', fault: 'script-failed' });
    expect(log).not.toContain('\nnever');
    expect(log).toContain('status failed\n');
    expect(log).toContain('after_script failed, but job will continue unaffected: exit status 3');
  });
});
