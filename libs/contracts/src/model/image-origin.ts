import { z } from 'zod';

/**
 * What an image says of where it was built (OCI image specification, "pre-defined annotation keys"). Anybody can write any
 * label: it is a hint, which the reader has to check against what it knows by itself.
 */
export const imageOrigin = z
  .object({
    source: z
      .string()
      .max(1_000)
      // Without user name and query, where passwords and tokens would stand.
      .regex(
        /^https?:\/\/[a-z0-9.:[\]-]+(?:\/[\w.~:@!$&'()*+,;=%-]*)*$/i,
        'expected the address of a repository',
      )
      .refine((url) => URL.canParse(url), 'expected the address of a repository')
      .describe('address of the repository: `org.opencontainers.image.source`'),
    revision: z
      .string()
      .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'expected the whole SHA of a commit')
      .describe('the commit: `org.opencontainers.image.revision`'),
  })
  .describe('where the image says that it was built; anybody can write that');

/** Which commit of which repository an image names. */
export type ImageOrigin = z.output<typeof imageOrigin>;
