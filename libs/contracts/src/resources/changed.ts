import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { asWritten } from './as-written.js';
import type { Resource } from './define-resource.js';

/** What every message about a change carries besides the specification. */
export const changeFields = {
  id: z.uuid().describe('of the resource, as long as it lives'),
  name: z.string().min(1).max(255),
  version: z.int().positive().describe('1 when the name is first used, one more with each change of it'),
  revision: z
    .int()
    .positive()
    .describe('of the whole registry: rises by at least one with each change, in the order of commits'),
  at: z.iso.datetime().describe('since when it is so'),
  by: z.string().min(1).max(255).describe('who changed it'),
  gone: z.boolean().describe('whether it was removed; then there is no spec'),
};

/** `<kind>.changed`: the whole new state of a resource, or its end, so that others keep their own copy. */
export const resourceChanged = <S extends z.ZodType>(resource: Resource<S>) =>
  defineMessage({
    name: `${resource.kind}.changed`,
    version: 1,
    kind: 'event',
    saidBy: ['registry'],
    means: `A ${resource.title} was made, changed or removed: its whole new state, so that others keep their own copy.`,
    schema: z.object({ ...changeFields, spec: asWritten(resource.schema).optional() }),
    subject: ({ name }) => `${resource.kind}/${name}`,
  });
