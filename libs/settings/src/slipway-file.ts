import {
  backendResource,
  containerRegistryResource,
  credentialResource,
  cvmfsRepositoryResource,
  gitlabServerResource,
  identityMappingResource,
  imageRuleResource,
  projectResource,
  runnerResource,
  secretReference,
  sourceResource,
  subscriptionResource,
} from '#contracts';
import { z } from 'zod';

const credential = credentialResource.schema
  .safeExtend({ secret: secretReference.optional() })
  .describe('a credential; its secret is read from where it is when the file is applied');

/**
 * slipway.yml: what the registry keeps, as one file. Without a registry each service reads its part of
 * it itself.
 */
export const slipwayFile = z
  .strictObject({
    sources: z.array(sourceResource.schema).default([]).describe('who may send webhooks'),
    imageRules: z
      .array(imageRuleResource.schema)
      .default([])
      .describe('which images are published where; every rule that matches counts'),
    cvmfsRepositories: z
      .array(cvmfsRepositoryResource.schema)
      .default([])
      .describe('CVMFS repositories to publish to'),
    registries: z
      .array(containerRegistryResource.schema)
      .default([])
      .describe('how to pull from registries that need more than HTTPS'),
    projects: z.array(projectResource.schema).default([]).describe('projects whose jobs run on the grid'),
    credentials: z.array(credential).default([]).describe('secrets that open something, and where they are'),
    backends: z.array(backendResource.schema).default([]).describe('batch systems that jobs go to'),
    identityMappings: z
      .array(identityMappingResource.schema)
      .default([])
      .describe("under which grid credentials people's jobs run"),
    gitlabServers: z
      .array(gitlabServerResource.schema)
      .default([])
      .describe('GitLabs whose CI jobs run on the grid'),
    runners: z
      .array(runnerResource.schema)
      .default([])
      .describe('runners of these GitLabs, whose CI jobs become grid jobs'),
    subscriptions: z
      .array(subscriptionResource.schema)
      .default([])
      .describe('who else is told of events, by webhook; with a registry only'),
  })
  .describe('slipway.yml');

/** slipway.yml once loaded: defaults filled in, sizes in bytes, durations in milliseconds. */
export type SlipwayFile = z.output<typeof slipwayFile>;
