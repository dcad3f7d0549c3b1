import { toAppError } from '#errors';
import type { KeyRing } from '#secrets';
import type { Copied } from './change.js';

/** A secret that counts now. */
export interface OpenedSecret {
  readonly id: string;
  /** The name of the credential that it is of. */
  readonly credential: string;
  readonly secret: string;
  /** Milliseconds since the epoch: until when it counts. */
  readonly validUntil: number | undefined;
}

type Opened = { readonly secret: string } | { readonly problem: string };

/** Opens sealed secrets, in memory alone, each once. */
export class OpenedSecrets {
  private opened = new Map<string, Opened>();

  /** @param learn told each secret before anybody has it, so that it is kept out of logs */
  constructor(
    private readonly ring: KeyRing,
    private readonly learn: (secret: string) => void,
  ) {}

  /** Those of a credential that count at `now`, in milliseconds, the newest first; `failed` is told those that do not open. */
  of(credential: Copied, now: number, failed: (problem: string) => void): readonly OpenedSecret[] {
    return credential.sealed.flatMap(({ id, sealed, validUntil }) => {
      const until = validUntil === undefined ? undefined : Date.parse(validUntil);
      if (until !== undefined && until <= now) return [];
      const opened = this.opened.get(sealed) ?? this.open(sealed, `credential/${credential.id}`);
      if ('secret' in opened)
        return [{ id, credential: credential.name, secret: opened.secret, validUntil: until }];
      failed(opened.problem);
      return [];
    });
  }

  /** Forgets what no credential has any more. */
  keepOnly(credentials: readonly Copied[]): void {
    const current = new Set(credentials.flatMap(({ sealed }) => sealed.map((secret) => secret.sealed)));
    for (const sealed of this.opened.keys()) if (!current.has(sealed)) this.opened.delete(sealed);
  }

  private open(sealed: string, purpose: string): Opened {
    const opened = this.tryToOpen(sealed, purpose);
    this.opened.set(sealed, opened);
    return opened;
  }

  private tryToOpen(sealed: string, purpose: string): Opened {
    try {
      const secret = this.ring.unseal(sealed, purpose);
      this.learn(secret);
      return { secret };
    } catch (error) {
      return { problem: toAppError(error).message };
    }
  }
}
