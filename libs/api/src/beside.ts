import { type Resource, type ResourceKind } from '#contracts';
import { z } from 'zod';
import { time } from './page.js';

/** A secret that is kept, as it is shown: enough to tell it from another. */
const shownSecret = z
  .object({
    id: z.uuid(),
    fingerprint: z.string().describe('the same for the same secret'),
    lastFour: z.string().describe('its last characters; empty for one that is short'),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    validUntil: z.iso.datetime().optional().describe('when it stops to count; absent: when it is removed'),
    expiresAt: z.iso.datetime().optional().describe('when the other side stops to take it'),
    lastUsedAt: z.iso
      .datetime()
      .optional()
      .describe('when the other side last took it, to the minute; absent: never, as far as is known'),
    lastUsedBy: z
      .string()
      .optional()
      .describe('by which service and what for: `webhook-relay: source forge`'),
  })
  .meta({ id: 'Secret', description: 'a secret that is kept; never the secret itself' });

/** What a credential's owner may see of a secret: when it ends and who used it last. */
export type ShownSecret = z.output<typeof shownSecret>;

type Besides = Readonly<Partial<Record<ResourceKind, z.ZodRawShape>>>;

/** What is written in one body with a specification, and is no part of it. */
export const writtenBeside: Besides = {
  credential: {
    secret: z
      .string()
      .min(1)
      .max(65_536)
      .optional()
      .meta({ writeOnly: true })
      .describe('the secret; required when the credential is made, then only to replace it. Never answered'),
    expiresAt: time.optional().describe('when the other side stops to take the secret'),
  },
};

/** What is answered beside a specification. */
export const shownBeside: Besides = {
  credential: { secrets: z.array(shownSecret).describe('those that count now, the newest first') },
};

/** What is written to make or change a resource. */
export function bodyOf(resource: Resource): z.ZodType {
  const beside = writtenBeside[resource.kind];
  if (!beside || !(resource.schema instanceof z.ZodObject)) return resource.schema;
  return resource.schema.safeExtend(beside);
}
