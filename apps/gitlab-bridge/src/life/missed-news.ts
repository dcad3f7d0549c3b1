import type { StageStore } from '../storage/stage.store.js';

/** How often it is looked, in milliseconds: the signals of the database come at once, but they are not kept for anybody. */
const everyMs = 3_000;

/** Finds what was noted of jobs without their lives having heard of it: a signal may have been lost on its way. */
export class MissedNews {
  private lookedAt = 0;
  private versions: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly stages: StageStore,
    private readonly holder: string,
  ) {}

  /** @returns the CI jobs of which anything was noted since the last look; one life too many may be woken */
  async find(now = performance.now()): Promise<readonly string[]> {
    if (this.lookedAt > 0 && now - this.lookedAt < everyMs) return [];
    const versions = await this.stages.versions(this.holder);
    this.lookedAt = now;
    const before = this.versions;
    this.versions = versions;
    return [...versions].filter(([id, version]) => before.get(id) !== version).map(([id]) => id);
  }
}
