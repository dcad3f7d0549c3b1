import { z } from 'zod';
import { resourceName } from '../model/names.js';
import { defineResource } from './define-resource.js';

const schema = z
  .strictObject({
    name: resourceName,
    gitlabUser: z.string().min(1).max(255).optional().describe('GitLab user name'),
    gitlabGroup: z.string().min(1).max(255).optional().describe('GitLab group, by its full path'),
    backend: resourceName.optional().describe('the backend that it is for; absent: all'),
    credential: resourceName.describe('the grid credential that their jobs run under'),
    account: z.string().min(1).max(255).optional().describe('account at the backend, where it has such'),
  })
  .superRefine(({ gitlabUser, gitlabGroup }, context) => {
    if ((gitlabUser === undefined) === (gitlabGroup === undefined)) {
      const message = 'expected either gitlabUser or gitlabGroup';
      context.addIssue({ code: 'custom', path: ['gitlabUser'], message });
    }
  })
  .describe('an identity mapping');

/** By this the submitter finds the credential of a group's user; a user for whom there is none is refused. */
export type IdentityMappingSettings = z.output<typeof schema>;

/** Under which grid credential a GitLab user's jobs run. */
export const identityMappingResource = defineResource({
  kind: 'identity_mapping',
  plural: 'identity-mappings',
  section: 'identityMappings',
  title: 'identity mapping',
  means: "Under which grid credential a GitLab user's jobs, or a group's, run; who is not mapped is refused.",
  schema,
  nameOf: ({ name }) => name,
  references: ({ backend, credential }) => [
    { kind: 'credential', name: credential, path: ['credential'] },
    ...(backend ? [{ kind: 'backend' as const, name: backend, path: ['backend'] }] : []),
  ],
});
