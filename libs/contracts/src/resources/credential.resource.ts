import { z } from 'zod';
import { resourceName } from '../model/names.js';
import { defineResource } from './define-resource.js';
import { projectOf } from './project-of.js';

/** What a credential opens. */
export const credentialTypes = [
  'gitlab-runner-token',
  'gitlab-api-token',
  'webhook-secret',
  'registry-login',
  'htcondor-idtoken',
  'iam-client',
  'diracx-key',
  'x509-proxy',
  'slurm-token',
  's3-key',
  'pypi-token',
] as const;

/** Types whose secret comes with a name that is none: who logs in, the client's id, the access key's id. */
const typesWithUsername: readonly (typeof credentialTypes)[number][] = [
  'registry-login',
  'iam-client',
  's3-key',
];

const schema = z
  .strictObject({
    name: resourceName,
    type: z.enum(credentialTypes).describe('what it opens'),
    description: z.string().max(1_000).optional(),
    username: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe(
        'user name of a registry-login, client id of an iam-client, access key id of an s3-key, user of a slurm-token or diracx-key',
      ),
    project: resourceName
      .optional()
      .describe('the project that may use it, and whose owners may change it; absent: of the house'),
  })
  .superRefine(({ type, username }, context) => {
    if (typesWithUsername.includes(type) && username === undefined)
      context.addIssue({ code: 'custom', path: ['username'], message: `is missing: a ${type} has one` });
  })
  .describe('a credential, without its secret');

/** What is known of a credential to everybody; the secrets come beside it, sealed. */
export type CredentialSettings = z.output<typeof schema>;

/** A secret's description. The secret itself is handed in beside it, sealed, and never comes back. */
export const credentialResource = defineResource({
  kind: 'credential',
  plural: 'credentials',
  section: 'credentials',
  title: 'credential',
  means: 'A secret that opens something: written, used by the services, never shown again.',
  schema,
  nameOf: ({ name }) => name,
  projectOf: ({ project }) => project,
  references: ({ project }) => projectOf(project),
});
