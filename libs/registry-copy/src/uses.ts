/** That a secret was used. */
export interface Use {
  /** The credential's name. */
  readonly credential: string;
  /** The secret's id. */
  readonly secret: string;
  /** What for, e.g. `source harbor`; cut at 255 characters. */
  readonly purpose: string;
  readonly at: Date;
}

const oncePerMs = 60_000;
const manySecrets = 10_000;

/** Passes on that secrets are used, each once a minute: it is for people to look at, and no work may wait for it. */
export class Uses {
  /** When each was said last, in milliseconds since the epoch. */
  private readonly said = new Map<string, number>();

  constructor(
    private readonly say: (use: Use) => Promise<void>,
    private readonly failed: (error: unknown) => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** Returns at once, and never throws. */
  note(use: Omit<Use, 'at'>): void {
    const now = this.now();
    const last = this.said.get(use.secret);
    // A clock that was set back must not silence it for long.
    if (last !== undefined && Math.abs(now - last) < oncePerMs) return;
    if (this.said.size >= manySecrets) this.said.clear();
    this.said.set(use.secret, now);
    this.say({ ...use, purpose: use.purpose.slice(0, 255), at: new Date(now) }).catch(this.failed);
  }
}
