const mask = '[redacted]';

/** Too short to be a secret, and common enough to make a log unreadable if masked. */
const shortestSecret = 6;

/** Fields whose value is never written, wherever an object is logged at depth one or two. */
const redactedFields = [
  'password',
  'secret',
  'secrets',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'Authorization',
  'cookie',
  'set-cookie',
  'x-gitlab-token',
  'privateKey',
];

/** pino `redact.paths` for {@link redactedFields}. */
export const redactedPaths: readonly string[] = redactedFields.flatMap((field) => {
  const key = /^\w+$/.test(field) ? field : undefined;
  return key ? [key, `*.${key}`, `*.*.${key}`] : [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`];
});

const urlCredentials = /([a-z][a-z0-9+.-]{0,15}:\/\/)[^\s/?#"'<>]+@/gi;
const secretParameters = /([?&](?:access_token|token|secret|password|signature|sig|key)=)[^&\s"'<>#]+/gi;

/** Takes secrets out of text that goes to a log or an answer. */
export interface Scrubber {
  /** A value that must not be seen from now on, in any of the forms it is written in. */
  learn(secret: string): void;
  scrub(text: string): string;
}

/** A scrubber of learnt values, of credentials in URLs and of query parameters that carry secrets. */
export function createScrubber(): Scrubber {
  const known = new Set<string>();
  let pattern: RegExp | undefined;
  return {
    learn(secret) {
      for (const form of formsOf(secret)) known.add(form);
      const longestFirst = [...known].sort((a, b) => b.length - a.length);
      pattern = known.size > 0 ? new RegExp(longestFirst.map(escaped).join('|'), 'g') : undefined;
    },
    scrub(text) {
      const plain = pattern ? text.replace(pattern, mask) : text;
      if (!plain.includes('://') && !plain.includes('=')) return plain;
      return plain.replace(urlCredentials, `$1${mask}@`).replace(secretParameters, `$1${mask}`);
    },
  };
}

/** As it is, as JSON writes it, as a URL writes it, and the password of a URL on its own. */
function formsOf(secret: string): readonly string[] {
  const password = URL.canParse(secret) ? new URL(secret).password : '';
  return [secret, password, decoded(password)]
    .flatMap((form) => [form, JSON.stringify(form).slice(1, -1), encodeURIComponent(form)])
    .filter((form) => form.length >= shortestSecret);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
