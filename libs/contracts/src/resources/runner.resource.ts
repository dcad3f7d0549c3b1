import { z } from 'zod';
import { resourceName } from '../model/names.js';
import { defineResource } from './define-resource.js';

const schema = z
  .strictObject({
    name: resourceName,
    gitlab: resourceName.describe('the GitLab server that it is a runner of'),
    credential: resourceName.describe('the gitlab-runner-token (glrt-…) that GitLab gave for it'),
    project: resourceName
      .optional()
      .describe(
        'the one project whose jobs it takes; absent: those of every project that is registered here',
      ),
    backend: resourceName
      .optional()
      .describe("where its jobs run unless they say so; absent: the project's backend"),
    jobs: z.int().positive().max(100_000).default(100).describe('CI jobs that it has at once'),
    isPaused: z.boolean().default(false).describe('asks for no further jobs; those that it has go on'),
  })
  .describe('a GitLab runner');

/** One runner, whose jobs one copy of the bridge at a time asks GitLab for, by the runner's token. */
export type RunnerSettings = z.output<typeof schema>;

/** A runner registered in GitLab, whose CI jobs become grid jobs. */
export const runnerResource = defineResource({
  kind: 'runner',
  plural: 'runners',
  section: 'runners',
  title: 'GitLab runner',
  means: 'A runner registered in GitLab, whose CI jobs become grid jobs.',
  schema,
  nameOf: ({ name }) => name,
  projectOf: ({ project }) => project,
  references: ({ gitlab, credential, project, backend }) => [
    { kind: 'gitlab_server', name: gitlab, path: ['gitlab'] },
    { kind: 'credential', name: credential, path: ['credential'] },
    ...(project ? [{ kind: 'project' as const, name: project, path: ['project'] }] : []),
    ...(backend ? [{ kind: 'backend' as const, name: backend, path: ['backend'] }] : []),
  ],
});
