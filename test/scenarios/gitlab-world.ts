import { startGitLab, type TestGitLab, type TestProject } from '../gitlab/index.js';
import type { GridWorldOptions } from './grid-processes.js';
import { type GridWorld, gridWorld } from './grid-world.js';

/** A grid world that knows a GitLab of the tests with one project, whose CI jobs run on a backend of the machine. */
export interface GitLabWorld extends GridWorld {
  readonly gitlab: TestGitLab;
  readonly project: TestProject;
  /** Has the bridge ask for the project's jobs. */
  registerRunner(): Promise<void>;
}

/** What differs from a world of grid jobs. */
export interface GitLabWorldOptions extends GridWorldOptions {
  /** How many jobs the backend has at once; a backend's default unless told. */
  readonly jobs?: number;
}

/** Give `import.meta.url`. All is real but GitLab, which is the tests’ own. */
export async function gitlabWorld(
  testPath: string,
  { jobs, ...options }: GitLabWorldOptions = {},
): Promise<GitLabWorld> {
  const gitlab = await startGitLab({ limits: { traceIntervalSeconds: 1 } });
  const path = 'lhcb/analysis';
  const project = await gitlab.createProject({ path, files: { 'README.md': '# Analysis\n' } });
  const world = await gridWorld(testPath, options);
  const add = (kind: string, settings: object): Promise<unknown> => world.ask('POST', `/${kind}`, settings);
  await add('gitlab-servers', { name: 'main', url: gitlab.url });
  const secret = gitlab.createRunner().token;
  await add('credentials', { name: 'grid-runner', type: 'gitlab-runner-token', secret });
  await add('backends', { name: 'of-gitlab', kind: 'local', jobs });
  await add('projects', { name: 'analysis', url: `${gitlab.url}/${path}`, path, backend: 'of-gitlab' });
  return {
    ...world,
    gitlab,
    project,
    registerRunner: async () => {
      await add('runners', { name: 'grid', gitlab: 'main', credential: 'grid-runner' });
    },
    close: async () => {
      await world.close();
      await gitlab.close();
    },
  };
}
