import { z } from 'zod';

/** A whole number within bounds. */
export function integer(bounds: { readonly min: number; readonly max: number }): z.ZodType<number> {
  const message = `expected a whole number from ${bounds.min} to ${bounds.max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, { error: message, abort: true })
    .transform(Number)
    .refine((value) => value >= bounds.min && value <= bounds.max, { error: message });
}

/** Yes or no. */
export function flag(): z.ZodType<boolean> {
  return z
    .enum(['true', 'false', '1', '0', 'yes', 'no'], { error: 'expected true or false' })
    .transform((text) => text === 'true' || text === '1' || text === 'yes');
}

/** A URL of one of these protocols (`amqp:`). The message never repeats it: it may hold a password. */
export function urlWith(...protocols: readonly string[]): z.ZodType<string> {
  const message = `expected a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`;
  return z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), { error: message });
}
