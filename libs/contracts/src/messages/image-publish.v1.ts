import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import {
  cvmfsRepositoryName,
  digest,
  platform,
  registryHost,
  repositoryName,
  tagName,
  imageSubject,
} from '../model/image.js';

/** A person's or a CI job's wish, said by the registry's API; the publisher does it as for `image.pushed`. */
export const imagePublish = defineMessage({
  name: 'image.publish',
  version: 1,
  kind: 'command',
  saidBy: ['registry'],
  means: 'Somebody wants an image on CVMFS now, whether or not a registry announced it.',
  schema: z
    .object({
      registry: registryHost,
      repository: repositoryName,
      tag: tagName.optional(),
      digest: digest.optional(),
      cvmfsRepository: cvmfsRepositoryName.optional().describe('absent: wherever the image rules say'),
      platform: platform.optional().describe('absent: as the image rule says'),
    })
    .refine((image) => image.tag !== undefined || image.digest !== undefined, 'needs a tag or a digest'),
  subject: imageSubject,
});
