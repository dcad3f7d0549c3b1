import { hasEnded } from '#contracts';
import type { Standing } from '../../domain/attempt.js';
import { equal, type WorkerTokens } from './worker-tokens.js';

/** What a call is made by, as its headers say. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly session: string | undefined;
}

/** Whether the call counts. 503 asks the job to come again; 410 tells it to end, for its attempt has. */
export type Admission<A extends Standing> =
  | { readonly kind: 'admitted'; readonly attempt: A; readonly session: string }
  | { readonly kind: 'refused'; readonly status: 401 | 403 | 410 | 503; readonly why: string };

/** Who knows tokens and attempts; heartbeats ask for less of an attempt than other calls. */
export interface Admitting<A extends Standing> {
  readonly tokens: Pick<WorkerTokens, 'isOf'>;
  readonly attempt: (id: string) => Promise<A | undefined>;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const sessionForm = /^[0-9a-f]{16,64}$/;

/**
 * Whether a call may speak for an attempt: its token is good for that attempt alone, and its session is the one that
 * began it. `start` is what binds the session; `end` is heard again after the end, for its answer may have been lost.
 */
export async function admit<A extends Standing>(
  { tokens, attempt: find }: Admitting<A>,
  attemptId: string,
  { authorization = '', session = '' }: Credentials,
  call: 'start' | 'end' | 'other',
): Promise<Admission<A>> {
  if (!uuid.test(attemptId) || !tokens.isOf(attemptId, authorization))
    return { kind: 'refused', status: 401, why: 'the token is not one of this attempt' };
  if (!sessionForm.test(session)) return { kind: 'refused', status: 403, why: 'there is no session' };
  const attempt = await find(attemptId);
  // The token is genuine, so its group is on its way here.
  if (!attempt) return { kind: 'refused', status: 503, why: 'the attempt is not known yet' };
  const isBound = attempt.session !== undefined;
  if (isBound ? !equal(attempt.session, session) : call !== 'start')
    return { kind: 'refused', status: 403, why: 'the attempt was begun by another session' };
  if (hasEnded(attempt.state) && call !== 'end')
    return { kind: 'refused', status: 410, why: 'the attempt is over' };
  return { kind: 'admitted', attempt, session };
}
