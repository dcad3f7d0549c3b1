import type { StepSize } from '../storage/publication.store.js';

const intervalMs = 5000;

/** Tells how far a step is, every few seconds at the most: people want to see long work move, not every byte of it. */
export class Progress {
  private last = Date.now();
  private telling = false;

  constructor(private readonly say: (step: 'fetch' | 'unpack', size: StepSize) => Promise<void>) {}

  tell(step: 'fetch' | 'unpack', size: StepSize): void {
    if (this.telling || Date.now() - this.last < intervalMs) return;
    this.telling = true;
    // What cannot be told now is not worth failing for: the next step is told by the publication's own state.
    void this.say(step, size)
      .catch(() => undefined)
      .finally(() => {
        this.last = Date.now();
        this.telling = false;
      });
  }

  end(): void {
    this.telling = true;
  }
}
