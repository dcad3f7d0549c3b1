import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { publicationFields, publicationSubject } from '../model/publication.js';

export const imageUnpublished = defineMessage({
  name: 'image.unpublished',
  version: 1,
  kind: 'event',
  saidBy: ['cvmfs-publisher'],
  means: 'A tree that no tag named was removed from CVMFS after its grace period.',
  schema: z.object({
    ...publicationFields,
    path: z.string().describe('the tree’s directory on CVMFS, now gone'),
    unreferencedAt: z.iso.datetime().describe('since when no tag had named it'),
  }),
  subject: publicationSubject,
});
