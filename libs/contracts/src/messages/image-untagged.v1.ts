import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { tagName } from '../model/image.js';
import { publicationFields, publicationSubject } from '../model/publication.js';

/** Said by the publisher; the bridge forgets what these tags named, while jobs by digest may still use the tree. */
export const imageUntagged = defineMessage({
  name: 'image.untagged',
  version: 1,
  kind: 'event',
  saidBy: ['cvmfs-publisher'],
  means: 'Links to an image were removed from CVMFS: nobody starts from it by these tags any more.',
  schema: z.object({
    ...publicationFields,
    removed: z.array(tagName).min(1).describe('the tags whose links are gone'),
  }),
  subject: publicationSubject,
});
