import { waitFor } from '#lab';
import { type TestGitLab, type TestPipeline, type TestProject } from '../index.js';
import { type ParityCase, repositoryFiles } from './parity-job.js';

/** The project in which the cases run, with a history of three commits, a tag and a submodule. */
export async function makeParityProject(gitlab: TestGitLab): Promise<TestProject> {
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

/** Starts a case's pipeline, with its own variables as a project's settings would give them. */
export async function startCase(project: TestProject, each: ParityCase): Promise<TestPipeline> {
  return project.runPipeline({
    yaml: each.yaml,
    ...(each.variables ? { variables: each.variables } : {}),
    ...(each.onTag ? { ref: 'v1' } : {}),
  });
}

/** Waits until all jobs of the pipeline are over. */
export async function untilOver(pipeline: TestPipeline, what: string, deadlineMs: number): Promise<void> {
  await waitFor(() => pipeline.jobs().every(({ isOver }) => isOver), {
    what: `the end of ${what}: ${pipeline
      .jobs()
      .map(({ name }) => name)
      .join(', ')}`,
    deadlineMs,
    intervalMs: 100,
  });
}
