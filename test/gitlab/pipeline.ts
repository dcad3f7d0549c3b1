import { definitionsOf } from './ci/definition.js';
import { git, noCommit, tipOf } from './git/repository.js';
import { type Person, type Pipeline, type Project, type ProjectVariable } from './model.js';
import { type World } from './world.js';

/** What of a pipeline is not as a push to the default branch makes it. */
export interface PipelineOptions {
  /** The branch or tag; the default branch unless told. */
  readonly ref?: string;
  /** In place of the commit's `.gitlab-ci.yml`. */
  readonly yaml?: string;
  readonly variables?: readonly ProjectVariable[];
  readonly user?: Person;
  readonly source?: string;
}

/** Starts a pipeline: its jobs are queued as their stages allow. Throws for an unknown ref or a wrong definition. */
export async function runPipeline(
  world: World,
  project: Project,
  options: PipelineOptions & { readonly user: Person },
): Promise<Pipeline> {
  const { ref = project.defaultBranch } = options;
  const tagged = await tipOf(project.repository, `refs/tags/${ref}`);
  const sha = tagged ?? (await tipOf(project.repository, `refs/heads/${ref}`));
  if (sha === undefined) throw new Error(`Reference not found: ${ref}`);
  const yaml = options.yaml ?? (await git(project.repository, ['cat-file', 'blob', `${sha}:.gitlab-ci.yml`]));
  const pipeline: Pipeline = {
    id: world.nextId(),
    iid: world.pipelines.filter((each) => each.project === project).length + 1,
    project,
    ref,
    tag: tagged !== undefined,
    sha,
    beforeSha: noCommit(project.objectFormat),
    source: options.source ?? 'push',
    user: options.user,
    variables: options.variables ?? [],
    definitions: definitionsOf(yaml),
  };
  // A commit that is on no branch any more can still be fetched for its pipeline.
  await git(project.repository, ['update-ref', `refs/pipelines/${pipeline.id}`, sha]);
  world.pipelines.push(pipeline);
  for (const definition of pipeline.definitions) world.addJob(pipeline, definition);
  world.advance(pipeline);
  return pipeline;
}
