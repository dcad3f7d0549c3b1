import { z } from 'zod';
import { inWords } from '../model/in-words.js';

/**
 * A schema that validates as the given one does, and hands on what was written: on the bus and in the database there is
 * what an admin wrote, so that a default that changes later applies to it too.
 */
export function asWritten<S extends z.ZodType>(schema: S): z.ZodType<z.input<S>, z.input<S>> {
  const { $schema: _dialect, ...shape } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  const written = z
    .unknown()
    .superRefine((value, context) => {
      if (schema.safeParse(value).success) return;
      for (const { path, message } of schema.safeParse(value, inWords).error?.issues ?? []) {
        context.addIssue({ code: 'custom', path, message, input: value });
      }
    })
    .meta(shape);
  return written as unknown as z.ZodType<z.input<S>, z.input<S>>;
}
