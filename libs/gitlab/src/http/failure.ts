import { AppError, connectionWords, permanent, temporary } from '#errors';

/** What an error may say about where it happened: no credentials, no query, where signed addresses have their secret. */
export function redactedUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Whether trying again may be answered otherwise. 409 is GitLab's own lock or a lost race. */
export const isCurable = (status: number): boolean =>
  status === 408 || status === 409 || status === 429 || status >= 500;

/** An answer of GitLab that is none of 2xx. */
export interface Refusal {
  readonly url: URL;
  readonly status: number;
  /** What GitLab says about it. */
  readonly words: string;
  /** By name in lower case. */
  readonly header: (name: string) => string | undefined;
}

/** An answer that no caller has a meaning for: 408, 409, 429 and 5xx are temporary, the rest is permanent. */
export function refusalError({ url, status, words, header }: Refusal, now = Date.now()): AppError {
  const where = redactedUrl(url);
  const text = `${where} answered ${status}${words ? `: ${words}` : ''}`;
  if (!isCurable(status)) {
    const to = header('location');
    const moved = status >= 300 && status < 400 && to !== undefined && URL.canParse(to, url.href);
    const hint = moved ? ` (moved to ${redactedUrl(new URL(to, url))}: is the address right?)` : '';
    return permanent('gitlab.refused', text + hint, { subject: where });
  }
  const seconds = secondsToWait(header, now);
  const later = seconds === undefined ? { subject: where } : { subject: where, retryAfterSeconds: seconds };
  if (status === 429) return temporary('gitlab.rate_limited', text, later);
  return temporary(status === 409 ? 'gitlab.conflict' : 'gitlab.unavailable', text, later);
}

/** How long GitLab asks to wait, in seconds: until its limit is lifted, else what Retry-After says. */
function secondsToWait(header: Refusal['header'], now: number): number | undefined {
  const reset = (Date.parse(header('ratelimit-resettime') ?? '') - now) / 1_000;
  if (reset > 0) return reset;
  const after = header('retry-after') ?? '';
  if (/^\d{1,9}$/.test(after)) return Number(after) || undefined;
  const until = (Date.parse(after) - now) / 1_000;
  return until > 0 ? until : undefined;
}

/** A connection that could not be made, broke or fell silent. */
export function connectionError(url: URL, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const where = redactedUrl(url);
  return temporary('gitlab.unreachable', `${where}: ${connectionWords(cause)}`, { subject: where, cause });
}
