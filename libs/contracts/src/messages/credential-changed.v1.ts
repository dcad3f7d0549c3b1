import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { asWritten } from '../resources/as-written.js';
import { changeFields } from '../resources/changed.js';
import { credentialResource } from '../resources/credential.resource.js';

/** Said by the registry, to the copies of every service; each opens the secrets that it uses with the key ring. */
export const credentialChanged = defineMessage({
  name: 'credential.changed',
  version: 1,
  kind: 'event',
  saidBy: ['registry'],
  means:
    'A credential was made, changed, rotated or removed: its whole new state with its secrets sealed, so that the services that use it keep their own copy.',
  schema: z.object({
    ...changeFields,
    spec: asWritten(credentialResource.schema).optional(),
    secrets: z
      .array(
        z.object({
          id: z.uuid(),
          sealed: z
            .string()
            .describe('sealed by the key ring that the services share, for the purpose `credential/<id>`'),
          fingerprint: z.string().describe('tells two secrets apart without showing either'),
          validUntil: z.iso.datetime().optional().describe('absent: until it is removed'),
        }),
      )
      .default([])
      .describe('the secrets that count now, the newest first; several while it is rotated'),
  }),
  subject: ({ name }) => `credential/${name}`,
});
