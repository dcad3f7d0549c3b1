import { type AppError, permanent, temporary } from '#errors';
import type { DiracxAnswer } from './connection.js';

/** DiracX's answer, which is an error, as one of the errors that a backend has. */
export function refusal(
  { status, body, retryAfterSeconds }: DiracxAnswer,
  { subject, signingIn = false }: { readonly subject: string; readonly signingIn?: boolean },
): AppError {
  const words = `DiracX: ${wordsOf(body)} (HTTP ${status})`;
  if (status === 401 || status === 403) return permanent('grid.unauthorized', words, { subject });
  // A user or a group that DiracX does not know.
  if (signingIn && status === 400) return permanent('grid.unauthorized', words, { subject });
  if (status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429)
    return permanent('grid.refused', words, { subject });
  return temporary('grid.unavailable', words, {
    subject,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

/** FastAPI says why in `detail`: a text, or a list with a message each. */
function wordsOf(body: unknown): string {
  const detail = typeof body === 'object' && body !== null && 'detail' in body ? body.detail : body;
  const text = typeof detail === 'string' ? detail : JSON.stringify(detail ?? 'no reason given');
  return text.trim().slice(0, 2_000) || 'no reason given';
}
