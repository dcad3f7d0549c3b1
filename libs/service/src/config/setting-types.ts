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

/** To a parser `amqp:/x` is a URL too, and who connects to no host connects to this very machine. */
const isUrlWith =
  (protocols: readonly string[]) =>
  (text: string): boolean => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname, searchParams } = new URL(text);
    if (!protocols.includes(protocol)) return false;
    const namesHost = hostname !== '' && /^[a-z]+:\/\/[^/]/i.test(text);
    // PostgreSQL's socket has no host: its directory stands in the query.
    return namesHost || (protocol.startsWith('postgres') && Boolean(searchParams.get('host')));
  };

const forms: Readonly<Record<string, string>> = {
  'amqp:': 'amqp://user:password@host:5672/vhost',
  'postgres:': 'postgres://user:password@host:5432/database',
  'http:': 'http://host:8080',
};

function expectation(protocols: readonly string[]): string {
  const starts = protocols.map((protocol) => `${protocol}//`).join(' or ');
  const form = forms[protocols[0] ?? ''];
  return `expected a URL that starts with ${starts} and names a host${form ? `, as ${form}` : ''}`;
}
