import { AppError, permanent, temporary } from '#errors';

/** What an engine says when it cannot pull, by the words that all its versions use. */
const pullErrors: readonly [RegExp, (message: string, cause: unknown) => AppError][] = [
  [/toomanyrequests|rate limit/i, (message, cause) => temporary('registry.rate_limited', message, { cause })],
  [
    /no matching manifest|does not match the specified platform|no match for platform/i,
    (message, cause) => permanent('image.no_platform', message, { cause }),
  ],
  [
    /unauthorized|access denied|authentication required|no basic auth|incorrect username/i,
    (message, cause) => permanent('registry.unauthorized', message, { cause }),
  ],
  [
    /manifest unknown|manifest for .* not found|name unknown|not found/i,
    (message, cause) => temporary('registry.not_found', message, { cause }),
  ],
  [
    /media type .* no longer supported|unsupported media type|not implemented/i,
    (message, cause) => permanent('image.not_an_image', message, { cause }),
  ],
];

/**
 * An engine's failure. One that does not answer (`docker.unavailable`) or stumbles (`docker.failed`) is temporary; what
 * it says of the registry has the codes of the registry's own errors.
 */
export function engineError(thrown: unknown, signal: AbortSignal): AppError {
  if (thrown instanceof AppError) return thrown;
  if (signal.aborted) return temporary('registry.aborted', 'the fetch was stopped', { level: 'info' });
  const cause = thrown as { code?: string; message?: string };
  const said = (cause.message ?? String(thrown)).slice(0, 500);
  if (cause.code !== undefined && /^E[A-Z]+$/.test(cause.code)) {
    return temporary('docker.unavailable', `no Docker engine answers (${cause.code})`, { cause: thrown });
  }
  const message = `the Docker engine says: ${said}`;
  const known = pullErrors.find(([words]) => words.test(said));
  return known ? known[1](message, thrown) : temporary('docker.failed', message, { cause: thrown });
}
