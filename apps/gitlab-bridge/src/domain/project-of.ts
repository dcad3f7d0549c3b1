import type { ProjectSettings, RunnerSettings } from '#contracts';
import type { CiJob } from '#gitlab';

/** The name of the registered project, or why the CI job belongs to none and fails. */
export type ProjectFound =
  | { readonly name: string }
  /** For the end of the trace. */
  | { readonly words: string };

/** The project's path in GitLab, e.g. atlas/analysis. */
export const pathOf = (job: CiJob): string =>
  job.job_info.project_full_path ||
  (job.variables.find(({ key }) => key === 'CI_PROJECT_PATH')?.value ?? '') ||
  String(job.job_info.project_id);

/**
 * Which of the registered projects a CI job is of. Where the runner names one, it is that one or none; else the one whose
 * address is in this GitLab, so that nobody becomes another project by its path in another GitLab.
 */
export function projectOf(
  job: CiJob,
  runner: RunnerSettings | undefined,
  gitlabUrl: string,
  projects: readonly ProjectSettings[],
): ProjectFound {
  const path = pathOf(job);
  const isIt = (project: ProjectSettings): boolean =>
    project.gitlabId === undefined
      ? project.path?.toLowerCase() === path.toLowerCase()
      : project.gitlabId === job.job_info.project_id;
  if (runner?.project !== undefined) {
    const project = projects.find(({ name }) => name === runner.project);
    if (project && isIt(project)) return { name: project.name };
    return { words: `this runner is for the project ${runner.project} alone, and ${path} is not that` };
  }
  const root = `${gitlabUrl.replace(/\/+$/, '')}/`.toLowerCase();
  const found = projects.find((project) => project.url.toLowerCase().startsWith(root) && isIt(project));
  if (found) return { name: found.name };
  return { words: `the project ${path} is not registered in Slipway: its admins can add it` };
}
