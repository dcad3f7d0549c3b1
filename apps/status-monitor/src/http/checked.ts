import { inWords } from '#contracts';
import { permanent } from '#errors';
import { contentOfCursor } from '#service';
import { z } from 'zod';

/**
 * What a request says, checked.
 * @throws permanent `request.invalid_parameters` that names each field at fault
 */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const { success, data } = schema.safeParse(value ?? {});
  if (success) return data;
  const told = (schema.safeParse(value ?? {}, inWords).error?.issues ?? [])
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join('.')} ${message}`);
  throw permanent('request.invalid_parameters', told.join('; ').trim(), { level: 'info' });
}

/** The id in an address. */
export const checkedId = (id: string): string => checked(z.object({ id: z.uuid() }), { id }).id;

/** @throws permanent `request.invalid_parameters` */
export function openCursor<S extends z.ZodType>(
  cursor: string | undefined,
  schema: S,
): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  const { success, data } = schema.safeParse(contentOfCursor(cursor));
  if (success) return data;
  const text = 'cursor is not one that a page of this list ended with';
  throw permanent('request.invalid_parameters', text, { level: 'info' });
}
