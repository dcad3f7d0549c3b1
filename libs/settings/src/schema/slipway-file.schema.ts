import { z } from 'zod';
import { cvmfsRepository } from './cvmfs-repository.schema.js';
import { imageRule } from './image-rule.schema.js';
import { registry } from './registry.schema.js';
import { source } from './source.schema.js';

/** slipway.yml. */
export const slipwayFile = z
  .strictObject({
    sources: z.array(source).default([]).describe('who may send webhooks'),
    imageRules: z
      .array(imageRule)
      .default([])
      .describe('which images are published where; every rule that matches counts'),
    cvmfsRepositories: z.array(cvmfsRepository).default([]).describe('CVMFS repositories to publish to'),
    registries: z
      .array(registry)
      .default([])
      .describe('how to pull from registries that need more than HTTPS'),
  })
  .describe('slipway.yml');

/** slipway.yml once loaded: defaults filled in, sizes in bytes, durations in milliseconds. */
export type SlipwayFile = z.output<typeof slipwayFile>;
