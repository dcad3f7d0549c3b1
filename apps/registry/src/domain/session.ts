import type { Identity } from '#access';

/** What a browser's cookie holds, sealed: who signed in, not what they may, which is looked at anew each time. */
export type Session = SessionTimes & {
  /** By which it can be ended before its time. */
  readonly session: string;
} & (
    | {
        readonly kind: 'openid';
        readonly subject: string;
        readonly name: string;
        readonly groups: readonly string[];
      }
    | { readonly kind: 'api-key'; readonly id: string }
    | { readonly kind: 'bootstrap' }
  );

/** Milliseconds since 1970. */
export interface SessionTimes {
  readonly since: number;
  readonly seen: number;
}

/** Both count for every session: whoever uses it daily signs in again after the absolute one all the same. */
export interface SessionLimits {
  /** Without a request for so long it ends, in milliseconds. */
  readonly idle: number;
  /** It ends so long after signing in, in milliseconds. */
  readonly absolute: number;
}

/** Whether its time is up at `now`, in milliseconds since 1970; one may end a session before that. */
export const isOver = (
  { since, seen }: SessionTimes,
  { idle, absolute }: SessionLimits,
  now: number,
): boolean => now >= seen + idle || now >= since + absolute;

/** Whether the cookie is to be set anew: seldom, because each answer that sets it is larger and not cacheable. */
export const isToBeRenewed = ({ seen }: SessionTimes, { idle }: SessionLimits, now: number): boolean =>
  now >= seen + idle / 10;

/** Of whoever exchanged the bootstrap key for a session. */
export const bootstrapPerson: Identity = {
  subject: 'bootstrap',
  name: 'bootstrap',
  via: 'session',
  role: 'admin',
  groups: [],
};
