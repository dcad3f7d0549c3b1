import { timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '#secrets';

/** Jobs that are remembered: of others the token is opened again. */
const mostKnown = 10_000;

/** The tokens of attempts. Opening one costs more than all else that a call is asked: a job says the same one each time. */
export class WorkerTokens {
  private readonly known = new Map<string, string>();

  constructor(private readonly ring: Pick<KeyRing, 'unseal'>) {}

  /** Whether a call with this header may speak for this attempt, whose id is well-formed. */
  isOf(attemptId: string, authorization: string): boolean {
    const known = this.known.get(attemptId);
    // An attempt may have several good tokens.
    if (known !== undefined && equal(known, authorization)) return true;
    if (!this.opens(attemptId, authorization)) return false;
    this.known.set(attemptId, authorization);
    if (this.known.size > mostKnown)
      for (const [oldest] of this.known) {
        this.known.delete(oldest);
        break;
      }
    return true;
  }

  private opens(attemptId: string, authorization: string): boolean {
    const token = /^Bearer ([\w.-]{1,1024})$/.exec(authorization)?.[1];
    if (token === undefined) return false;
    try {
      return equal(this.ring.unseal(token, 'worker'), attemptId);
    } catch {
      return false;
    }
  }
}

/** Takes as long for any two texts of one length. */
export function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
