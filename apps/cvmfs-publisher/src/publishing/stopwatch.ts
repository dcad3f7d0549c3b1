import { performance } from 'node:perf_hooks';

/** Wall-clock seconds per step, rounded to the millisecond. */
export class Stopwatch<Step extends string> {
  private readonly began = performance.now();
  private readonly steps: Partial<Record<Step, number>> = {};

  /** Runs one step and keeps how long it took, also when it throws. */
  async time<T>(step: Step, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.add(step, (performance.now() - began) / 1000);
    }
  }

  add(step: Step, seconds: number): void {
    this.steps[step] = round((this.steps[step] ?? 0) + seconds);
  }

  seconds(): Partial<Record<Step, number>> & { total: number } {
    return { ...this.steps, total: round((performance.now() - this.began) / 1000) };
  }
}

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
