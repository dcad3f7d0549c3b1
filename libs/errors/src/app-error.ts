/** pino's names, from quiet to loud; `error` is for what somebody has to look at. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What an error tells beside its code and its words. */
export interface AppErrorOptions {
  /** What the error is about: an image reference, a queue, a source's name. Never a secret. */
  readonly subject?: string;
  /** How loudly it is logged; `warn` for temporary errors and `error` for permanent ones unless told. */
  readonly level?: LogLevel;
  /** When the other side said how long to wait (HTTP Retry-After), in seconds. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * The one error of the house. `temporary` decides a message's fate: a temporary error is retried with delay, a
 * permanent one is dead-lettered. `code` is stable and dotted (`registry.unauthorized`); `message` is for people and
 * holds no secret.
 */
export class AppError extends Error {
  readonly code: string;
  readonly temporary: boolean;
  readonly level: LogLevel;
  readonly subject: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, temporary: boolean, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.temporary = temporary;
    this.level = options.level ?? (temporary ? 'warn' : 'error');
    this.subject = options.subject;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** An error that trying again may cure: a broken connection, a busy server, a tag that is not there yet. */
export function temporary(code: string, message: string, options?: AppErrorOptions): AppError {
  return new AppError(code, message, true, options);
}

/** An error that trying again will not cure: bad input, a missing right, a hostile image. */
export function permanent(code: string, message: string, options?: AppErrorOptions): AppError {
  return new AppError(code, message, false, options);
}

/** Any thrown value as an AppError. What nobody foresaw counts as temporary: a defect must not cost a message. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('internal.unexpected', message, true, { level: 'error', cause: thrown });
}
