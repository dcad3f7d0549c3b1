import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { groupFields } from '../model/job.js';
import { resourceName } from '../model/names.js';

/** Said by the submitter; the monitor opens the ledger of the group with it, the bridge sets the status pending. */
export const groupQueued = defineMessage({
  name: 'group.queued',
  version: 1,
  kind: 'event',
  saidBy: ['grid-submitter'],
  means: 'A group was accepted: all of it, so that who follows its jobs knows what they are.',
  schema: z.object({
    ...groupFields,
    backend: resourceName,
    identity: resourceName
      .optional()
      .describe('the identity mapping that its jobs run under; absent: the account of the backend'),
  }),
  subject: ({ groupId }) => groupId,
});
