import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { resourceName } from '../model/names.js';
import { credentialTypes } from '../resources/credential.resource.js';

/** Said by the registry's expiry watch, once for each warning; for the subscriptions of the owners. */
export const credentialExpiring = defineMessage({
  name: 'credential.expiring',
  version: 1,
  kind: 'event',
  saidBy: ['registry'],
  means: 'A credential will expire soon, or has, so that its owner can renew it before jobs fail.',
  schema: z.object({
    name: resourceName,
    type: z.enum(credentialTypes),
    project: resourceName.optional(),
    fingerprint: z.string(),
    expiresAt: z.iso.datetime(),
    hasExpired: z.boolean(),
  }),
  subject: ({ name }) => `credential/${name}`,
});
