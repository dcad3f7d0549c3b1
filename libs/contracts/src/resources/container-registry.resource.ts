import { z } from 'zod';
import { registryHost } from '../model/image.js';
import { secretReference } from '../model/secret-reference.js';
import { defineResource } from './define-resource.js';

const schema = z
  .strictObject({
    host: registryHost,
    insecure: z
      .boolean()
      .default(false)
      .describe('plain HTTP; for a registry on the same machine or network'),
    username: z.string().min(1).optional().describe('user name, with password'),
    password: secretReference.optional().describe('password or access token of username'),
    token: secretReference.optional().describe('bearer token, instead of username and password'),
    parallel: z.number().int().min(1).max(64).default(4).describe('layers of one image fetched at once'),
  })
  .superRefine((value, context) => {
    const issue = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (value.username !== undefined && !value.password) issue('username', 'needs password beside it');
    if (value.password && value.username === undefined) issue('password', 'needs username beside it');
    if (value.token && value.username !== undefined) issue('token', 'excludes username and password');
  })
  .describe('a registry to pull from');

/** How the publisher connects to one registry. The secrets are references still, to be read on use. */
export type RegistrySettings = z.output<typeof schema>;

/** How to pull from a registry; one that is not named is pulled from anonymously over HTTPS. */
export const containerRegistryResource = defineResource({
  kind: 'container_registry',
  plural: 'container-registries',
  section: 'registries',
  title: 'container registry',
  means: 'How to pull from a registry that needs more than anonymous HTTPS.',
  schema,
  nameOf: ({ host }) => host,
  references: ({ password, token }) =>
    Object.entries({ password, token }).flatMap(([field, secret]) =>
      secret && 'credential' in secret
        ? [{ kind: 'credential', name: secret.credential, path: [field, 'credential'] }]
        : [],
    ),
});
