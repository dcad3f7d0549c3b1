import { AppError, connectionWords, permanent, temporary } from '#errors';

/** What an error may say about where it happened: no credentials, no query (signed storage URLs carry secrets there). */
export function redactedUrl(url: URL | string): string {
  const { protocol, host, pathname } = typeof url === 'string' ? new URL(url) : url;
  return `${protocol}//${host}${pathname}`;
}

/** Seconds that a Retry-After header asks for, as seconds or as a date (RFC 9110, 10.2.3). */
export function retryAfterSeconds(value: unknown, now: number = Date.now()): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/** An answer whose status is an error, as far as the error tells of it. */
export interface FailedAnswer {
  readonly url: URL;
  readonly status: number;
  readonly retryAfter?: unknown;
  /** Start of the body, where registries put their reasons. */
  readonly body: string;
}

/**
 * A registry's refusal as an error. Wrong credentials stay wrong, so 401 and 403 are permanent; 404 is temporary,
 * because a notification may come before its tag can be read; 429 and 5xx are temporary by nature.
 */
export function statusError({ url, status, retryAfter, body }: FailedAnswer): AppError {
  const where = redactedUrl(url);
  const said = reasonsIn(body);
  const text = `${where} answered ${status}${said ? `: ${said}` : ''}`;
  const subject = where;
  const seconds = retryAfterSeconds(retryAfter);
  const later = seconds === undefined ? { subject } : { subject, retryAfterSeconds: seconds };
  if (status === 401) return permanent('registry.unauthorized', text, { subject });
  if (status === 403) return permanent('registry.forbidden', text, { subject });
  if (status === 404) return temporary('registry.not_found', text, { subject });
  if (status === 429) return temporary('registry.rate_limited', text, later);
  if (status === 408 || status >= 500) return temporary('registry.unavailable', text, later);
  return permanent('registry.refused', text, { subject });
}

/** A connection that could not be made, broke or fell silent. */
export function connectionError(url: URL, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const code = codeOf(cause);
  const where = redactedUrl(url);
  const stalled = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
  const message = `${where}: ${connectionWords(cause)}`;
  return temporary(stalled ? 'registry.stalled' : 'registry.unreachable', message, { subject: where, cause });
}

function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** The reasons of the distribution specification's error body, else nothing: HTML pages help nobody. */
function reasonsIn(body: string): string {
  try {
    const { errors } = JSON.parse(body) as { errors?: { code?: string; message?: string }[] };
    const reasons = errors?.map(({ code, message }) => `${code ?? ''} ${message ?? ''}`.trim());
    return (reasons?.join('; ') ?? '').slice(0, 300);
  } catch {
    return '';
  }
}
