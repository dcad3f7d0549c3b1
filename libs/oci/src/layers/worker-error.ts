import { AppError, permanent, temporary, toAppError } from '#errors';

/** An AppError between threads: structured clones lose classes. */
export interface ErrorMessage {
  readonly code: string;
  readonly message: string;
  readonly temporary: boolean;
}

/** An error as it goes between threads. */
export function errorMessage(thrown: unknown): ErrorMessage {
  const { code, message, temporary: mayPass } = toAppError(thrown);
  return { code, message, temporary: mayPass };
}

/** The error that a thread sent. */
export function errorOf({ code, message, temporary: mayPass }: ErrorMessage): AppError {
  return mayPass ? temporary(code, message) : permanent(code, message);
}
