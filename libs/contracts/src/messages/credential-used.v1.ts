import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { resourceName } from '../model/names.js';

/** Said by whoever opened a secret, heard by the registry alone: a subscription to it would feed itself. */
export const credentialUsed = defineMessage({
  name: 'credential.used',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay', 'cvmfs-publisher', 'grid-submitter', 'gitlab-bridge'],
  means:
    'A secret of a credential was used, and the other side took it, so that people see which secrets are still needed. Each copy of a service says it at most once a minute of each secret; when it happened is the time of the event.',
  schema: z.object({
    name: resourceName.describe('of the credential'),
    secret: z.uuid().describe('which of its secrets'),
    purpose: z.string().min(1).max(255).describe('what for, e.g. `source harbor`'),
  }),
  subject: ({ name }) => `credential/${name}`,
});
