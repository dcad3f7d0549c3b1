import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { publicationFields, publicationSubject } from '../model/publication.js';

/** Said by the publisher when a tree is gone; the bridge sends no job there any more. */
export const imageUnpublished = defineMessage({
  name: 'image.unpublished',
  version: 1,
  kind: 'event',
  saidBy: ['cvmfs-publisher'],
  means:
    'A tree that no tag named was removed from CVMFS after its grace period, or at once by command; or a publication was taken back before it was made.',
  schema: z.object({
    ...publicationFields,
    path: z.string().describe('the tree’s directory on CVMFS, gone or never made'),
    unreferencedAt: z.iso.datetime().describe('since when no tag had named it'),
  }),
  subject: publicationSubject,
});
