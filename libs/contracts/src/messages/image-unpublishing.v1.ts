import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { publicationFields, publicationSubject } from '../model/publication.js';

/** Said by the publisher as the grace period begins; the bridge starts no further job from the tree. */
export const imageUnpublishing = defineMessage({
  name: 'image.unpublishing',
  version: 1,
  kind: 'event',
  saidBy: ['cvmfs-publisher'],
  means:
    'No tag names a tree any more; it will be removed at the stated time, so that jobs which still use it can finish.',
  schema: z.object({
    ...publicationFields,
    path: z.string().describe('the tree’s directory on CVMFS'),
    removedAfter: z.iso.datetime().describe('the end of the grace period'),
  }),
  subject: publicationSubject,
});
