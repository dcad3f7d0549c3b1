import { z } from 'zod';
import { glob, hostGlob } from '../model/glob.js';
import { cvmfsRepositoryName, platform } from '../model/image.js';
import { resourceName } from '../model/names.js';
import { defineResource } from './define-resource.js';
import { projectOf } from './project-of.js';

const schema = z
  .strictObject({
    name: resourceName.describe('name, as events and logs show it'),
    registry: hostGlob.describe('registry hosts, e.g. registry.example.org or *.example.org'),
    repository: glob.describe('repositories, e.g. atlas/** or library/debian'),
    tags: z.array(glob).min(1, 'expected at least one pattern').default(['*']).describe('tags'),
    untagged: z
      .boolean()
      .default(false)
      .describe(
        'whether an image pushed by digest alone is published too; registries announce the parts of a multi-platform image so',
      ),
    cvmfsRepository: cvmfsRepositoryName.describe('where to publish: the name of one of cvmfsRepositories'),
    platform: platform.default('linux/amd64').describe('which platform of a multi-platform image'),
    project: resourceName.optional().describe('the project whose owners may change it; absent: of the house'),
    imageSource: z
      .enum(['registry', 'docker'])
      .default('registry')
      .describe(
        'who pulls: Slipway from the registry, or the Docker engine for images that only it can reach',
      ),
  })
  .describe('an image rule');

/** What an image's name is matched with; a match says where, for which platform and by whom it is pulled. */
export type ImageRule = z.output<typeof schema>;

/** Which images are published where; every rule that matches counts. */
export const imageRuleResource = defineResource({
  kind: 'image_rule',
  plural: 'image-rules',
  section: 'imageRules',
  title: 'image rule',
  means: 'Which images are published in which CVMFS repository; every rule that matches counts.',
  schema,
  nameOf: ({ name }) => name,
  projectOf: ({ project }) => project,
  references: ({ cvmfsRepository, project }) => [
    { kind: 'cvmfs_repository', name: cvmfsRepository, path: ['cvmfsRepository'] },
    ...projectOf(project),
  ],
});
