import { z } from 'zod';

/** A registry's host, with a port where it is not the scheme's own. Lower case. */
export const registryHost = z
  .string()
  .max(255)
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$|^\[[0-9a-f:]+\](?::\d{1,5})?$/,
    'expected a registry host such as registry.example.org:5000, in lower case, without https:// and path',
  )
  .describe('registry host, with a port where it is not the scheme’s own');

/** A repository's path inside its registry (OCI distribution specification, `<name>`). */
export const repositoryName = z
  .string()
  .max(255)
  .regex(
    /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/,
    'not a repository name',
  )
  .describe('repository path inside its registry');

/** A tag (OCI distribution specification, `<reference>` as a tag). */
export const tagName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, 'not a tag')
  .describe('tag');

/** A content digest (OCI image specification); only algorithms that can be verified here. */
export const digest = z
  .string()
  .regex(/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/, 'not a sha256 or sha512 digest')
  .describe('content digest');

/** `os/architecture[/variant]` (OCI image index, `platform`). */
export const platform = z
  .string()
  .regex(/^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9]+)?$/, 'not os/architecture[/variant]')
  .describe('platform, os/architecture[/variant]');

/** A CVMFS repository's fully qualified name. */
export const cvmfsRepositoryName = z
  .string()
  .max(255)
  .regex(
    /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/,
    'not a CVMFS repository name',
  )
  .describe('CVMFS repository, fully qualified');

/** Wall-clock seconds spent in each step of a publication. */
export const stepSeconds = z
  .object({
    waiting: z.number().nonnegative().optional().describe('from the request to the start of the work'),
    fetch: z.number().nonnegative().optional().describe('layers from the registry or the engine, verified'),
    unpack: z
      .number()
      .nonnegative()
      .optional()
      .describe('layers to a tree; overlaps with fetch where it can'),
    transaction: z.number().nonnegative().optional().describe('opening the CVMFS transaction'),
    publish: z.number().nonnegative().optional().describe('committing the CVMFS transaction'),
    total: z.number().nonnegative().describe('from the start of the work to its end'),
  })
  .describe('wall-clock seconds per step');

/** CloudEvents subject of what is about an image: `registry/repository[:tag][@digest]`. */
export const imageSubject = (image: {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}): string =>
  `${image.registry}/${image.repository}${image.tag ? `:${image.tag}` : ''}${image.digest ? `@${image.digest}` : ''}`;
