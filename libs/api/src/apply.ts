import { resourceKinds, resources } from '#contracts';
import { z } from 'zod';
import { bodyOf } from './beside.js';

/** slipway.yml as JSON: one list per kind. What each list holds is checked by its kind's own schema. */
export const applyBody = z
  .strictObject(
    Object.fromEntries(
      resources.map((resource) => [
        resource.section,
        z.array(bodyOf(resource)).max(10_000).optional().describe(`each ${resource.title}`),
      ]),
    ),
  )
  .describe('slipway.yml as JSON; credentials with their secret');

const flag = z.enum(['true', 'false']).default('false');

/** How to apply. */
export const applyQuery = z.object({
  dryRun: flag.describe('whether to tell only what would change'),
  prune: flag.describe('whether to remove what the file does not hold, of the kinds that it has a list for'),
  keep: z
    .enum(resources.map(({ section }) => section))
    .optional()
    .describe(
      'a list of which nothing is removed though it is there, because it was not written to be whole',
    ),
});

/** One field that differs. */
const fieldChange = z.object({
  path: z.array(z.union([z.string(), z.number()])),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});

/** A place in a specification with what stood and what stands there; `undefined` where there is nothing. */
export type FieldChange = z.output<typeof fieldChange>;

/** What applying a file did to one resource, or would do. */
const applyChange = z.object({
  kind: z.enum(resourceKinds),
  name: z.string(),
  change: z.enum(['create', 'update', 'remove', 'none']),
  fields: z.array(fieldChange),
});

/** One line of `slipway apply`: what becomes of a resource, field by field. */
export type ApplyChange = z.output<typeof applyChange>;

/** What applying a file did, or would do. */
export const applyResult = z
  .object({ dryRun: z.boolean(), changes: z.array(applyChange) })
  .meta({ id: 'ApplyResult', description: 'what applying a file did, or would do' });

/** What `POST /apply` answers; with `dryRun` nothing of it has happened. */
export type ApplyResult = z.output<typeof applyResult>;
