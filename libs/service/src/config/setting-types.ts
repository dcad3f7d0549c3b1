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
    .enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'], { error: 'expected true or false' })
    .transform((text) => ['true', '1', 'yes', 'on'].includes(text));
}

/** A URL of one of these protocols (`amqp:`). The message never repeats it: it may hold a password. */
export function urlWith(...protocols: readonly string[]): z.ZodType<string> {
  return z.string().refine(isUrlWith(protocols), { error: expectation(protocols) });
}

/** One or several such URLs, separated by commas; a comma in a password is written %2C. */
export function urlsWith(...protocols: readonly string[]): z.ZodType<readonly string[]> {
  return z
    .string()
    .transform((text) => text.split(',').map((url) => url.trim()))
    .refine((urls) => urls.every(isUrlWith(protocols)), { error: expectation(protocols) });
}

const isUrlWith =
  (protocols: readonly string[]) =>
  (text: string): boolean =>
    URL.canParse(text) && protocols.includes(new URL(text).protocol);

const expectation = (protocols: readonly string[]): string =>
  `expected a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
