import { waitFor } from '#lab';
import { type TestGitLab, type TestPipeline, type TestProject } from '../index.js';
import { type JobOutcome, outcomeOf } from './outcome.js';
import { type ParityCase, repositoryFiles } from './parity-job.js';

const deadlineMs = 900_000;

/** The projects in which the cases run. */
export interface ParityProjects {
  /** With a history of three commits, a tag and a submodule. */
  readonly analysis: TestProject;
  /** With the same files, in a repository of SHA-256. */
  readonly sha256: TestProject;
  /** With a file in Git LFS, and a submodule with another one. */
  readonly large: TestProject;
}

/** Makes them anew in this GitLab, with the same commits each time. */
export async function makeParityProjects(gitlab: TestGitLab): Promise<ParityProjects> {
  return {
    analysis: await makeAnalysis(gitlab),
    sha256: await makeSha256(gitlab),
    large: await makeLarge(gitlab),
  };
}

async function makeLarge(gitlab: TestGitLab): Promise<TestProject> {
  const attributes = { '.gitattributes': '*.dat filter=lfs diff=lfs merge=lfs -text\n' };
  const sets = await gitlab.createProject({ path: 'parity/sets', files: attributes });
  const submodule = await sets.commit({ files: { 'runs.dat': sets.keepLargeFile('run 1\nrun 2\n') } });
  const project = await gitlab.createProject({ path: 'parity/large', files: attributes });
  await project.commit({
    files: {
      'large/events.dat': project.keepLargeFile('event 1\nevent 2\nevent 3\n'),
      '.gitmodules': '[submodule "sets"]\n\tpath = sets\n\turl = ../sets.git\n',
      sets: { submodule },
    },
  });
  return project;
}

async function makeSha256(gitlab: TestGitLab): Promise<TestProject> {
  const project = await gitlab.createProject({
    path: 'parity/sha256',
    files: repositoryFiles,
    objectFormat: 'sha256',
  });
  await project.commit({ files: { 'CHANGES.md': 'the second commit\n' } });
  return project;
}

async function makeAnalysis(gitlab: TestGitLab): Promise<TestProject> {
  const library = await gitlab.createProject({
    path: 'parity/library',
    files: { 'lib.txt': 'of the library\n' },
  });
  const submodule = await library.commit({ files: { 'CHANGES.md': 'the second commit\n' } });
  const project = await gitlab.createProject({ path: 'parity/analysis', files: repositoryFiles });
  await project.commit({
    files: {
      '.gitmodules': '[submodule "library"]\n\tpath = library\n\turl = ../library.git\n',
      library: { submodule },
    },
  });
  await project.commit({ files: { 'CHANGES.md': 'the third commit\n' } });
  await project.tag('v1');
  return project;
}

/** A case on its way. */
export interface RunningCase {
  readonly pipeline: TestPipeline;
  /** What its jobs came to, each by its name, and earlier tries by name and number; waits until all of them are over. */
  outcomes(deadlineMs: number): Promise<CaseOutcomes>;
}

/** What the jobs of a case came to, by their names. */
export type CaseOutcomes = Readonly<Record<string, JobOutcome>>;

/** Starts a case's pipeline, with its own variables as a project's settings would give them, and what somebody does to it. */
export async function startCase(projects: ParityProjects, each: ParityCase): Promise<RunningCase> {
  const project = projects[each.project ?? 'analysis'];
  const pipeline = await project.runPipeline({
    yaml: each.yaml,
    ...(each.variables ? { variables: each.variables } : {}),
    ...(each.onTag ? { ref: 'v1' } : {}),
  });
  const meanwhile = Promise.allSettled([each.meanwhile?.(project, pipeline)]);
  return {
    pipeline,
    outcomes: async (deadlineMs) => {
      await untilOver(pipeline, each.name, deadlineMs);
      const [person] = await meanwhile;
      if (person.status === 'rejected') throw person.reason;
      return Object.fromEntries(
        pipeline.tries().map((job) => {
          const isLast = job === pipeline.job(job.name);
          return [isLast ? job.name : `${job.name}, try ${job.retried + 1}`, outcomeOf(job)];
        }),
      );
    },
  };
}

/** Runs the cases, all at once as far as the runner goes, and gives what they came to by their names. */
export async function runCases(
  projects: ParityProjects,
  cases: readonly ParityCase[],
): Promise<ReadonlyMap<string, CaseOutcomes>> {
  const running = new Map<string, RunningCase>();
  for (const each of cases) running.set(each.name, await startCase(projects, each));
  const outcomes = new Map<string, CaseOutcomes>();
  for (const [name, each] of running) outcomes.set(name, await each.outcomes(deadlineMs));
  return outcomes;
}

async function untilOver(pipeline: TestPipeline, what: string, deadlineMs: number): Promise<void> {
  await waitFor(() => pipeline.jobs().every(({ isOver }) => isOver), {
    what: `the end of ${what}: ${pipeline
      .jobs()
      .map(({ name, state, trace }) => `${name} is ${state}, ${trace.toString('utf8').slice(-2_000)}`)
      .join('; ')}`,
    deadlineMs,
    intervalMs: 100,
  });
}
