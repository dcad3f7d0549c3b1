import type { BackendSettings } from '#contracts';
import { Lane } from './lane.js';
import type { EngineParts } from './parts.js';

/** How long what is under way may go on when its lane ends, in milliseconds. */
const graceMs = 15_000;

/** A lane for each configured backend, while they come, change and go. */
export class Lanes {
  private readonly open = new Map<string, Lane>();
  private readonly ending = new Set<Promise<void>>();
  private isStarted = false;
  private soon: NodeJS.Timeout | undefined;

  constructor(private readonly parts: EngineParts) {}

  /** Has one lane for each of these from now on. */
  follow(backends: readonly BackendSettings[]): void {
    const wanted = new Map(backends.map((settings) => [settings.name, JSON.stringify(settings)]));
    for (const [name, lane] of this.open)
      if (wanted.get(name) !== JSON.stringify(lane.settings)) this.end(name, lane);
    for (const settings of backends) if (!this.open.has(settings.name)) this.begin(settings);
  }

  start(): void {
    this.isStarted = true;
    for (const lane of this.open.values()) lane.start();
  }

  wake(): void {
    for (const lane of this.open.values()) lane.wake();
  }

  /** Places come free one by one where jobs are short, and each look counts all that is under way: one for many of them. */
  wakeWithin(ms: number): void {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      this.wake();
    }, ms).unref();
  }

  async stop(): Promise<void> {
    clearTimeout(this.soon);
    await Promise.all([...[...this.open.values()].map((lane) => lane.stop(graceMs)), ...this.ending]);
  }

  private begin(settings: BackendSettings): void {
    const lane = new Lane(settings, this.parts);
    this.open.set(settings.name, lane);
    if (this.isStarted) lane.start();
  }

  private end(name: string, lane: Lane): void {
    this.open.delete(name);
    const ended = lane.stop(graceMs);
    this.ending.add(ended);
    void ended.then(() => this.ending.delete(ended));
  }
}
