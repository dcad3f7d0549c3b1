import { z } from 'zod';
import { cvmfsRepositoryName, platform } from '#contracts';
import { glob } from '../glob.js';

/** Which images are published where. */
export const imageRule = z
  .strictObject({
    name: z.string().min(1).max(64).describe('name, as events and logs show it'),
    registry: glob.describe('registry hosts, e.g. registry.example.org or *.example.org'),
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
    imageSource: z
      .enum(['registry', 'docker'])
      .default('registry')
      .describe(
        'who pulls: Slipway from the registry, or the Docker engine for images that only it can reach',
      ),
  })
  .describe('an image rule');

export type ImageRule = z.output<typeof imageRule>;
