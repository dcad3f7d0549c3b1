import type { StepSize } from '../storage/publication.store.js';

const intervalMs = 1000;

type Step = 'fetch' | 'unpack';

/** Tells how far each step is, about once a second at the most: people want to see long work move, not every byte of it. */
export class Progress {
  private readonly last = new Map<Step, number>();
  private readonly began = Date.now();
  private readonly telling = new Map<Step, Promise<void>>();
  private ended = false;

  constructor(private readonly say: (step: Step, size: StepSize) => Promise<void>) {}

  tell(step: Step, size: StepSize): void {
    const last = this.last.get(step) ?? this.began;
    if (this.ended || this.telling.has(step) || Date.now() - last < intervalMs) return;
    // What cannot be told now is not worth failing for: the next step is told by the publication's own state.
    const told = this.say(step, size)
      .catch(() => undefined)
      .finally(() => {
        this.last.set(step, Date.now());
        this.telling.delete(step);
      });
    this.telling.set(step, told);
  }

  /** Waits for what is being told: said after its publication's end, it would be taken for work that goes on. */
  async end(): Promise<void> {
    this.ended = true;
    await Promise.all(this.telling.values());
  }
}
