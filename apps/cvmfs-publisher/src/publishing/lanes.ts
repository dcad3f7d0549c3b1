import type { CvmfsRepositorySettings } from '#contracts';
import { toAppError } from '#errors';
import type { Lane, LaneLog } from './lane.js';

interface OpenLane {
  readonly lane: Lane;
  /** As they were when it was made. */
  readonly settings: string;
}

/**
 * A lane for each configured CVMFS repository, while they come, change and go. A lane whose settings change, or whose
 * repository is removed, finishes what it has begun; the one with the new settings stands by until then, because both
 * need the same lock.
 */
export class Lanes {
  private readonly open = new Map<string, OpenLane>();
  private readonly ending = new Set<Lane>();
  private isStarted = false;

  constructor(
    private readonly make: (repository: CvmfsRepositorySettings) => Lane,
    private readonly log: LaneLog,
  ) {}

  /** Has one lane for each of these from now on. */
  follow(repositories: readonly CvmfsRepositorySettings[]): void {
    const wanted = new Map(repositories.map((repository) => [repository.name, repository]));
    for (const [name, { settings }] of this.open) {
      const repository = wanted.get(name);
      if (!repository || JSON.stringify(repository) !== settings) this.end(name, repository !== undefined);
    }
    for (const repository of repositories) if (!this.open.has(repository.name)) this.begin(repository);
  }

  start(): void {
    this.isStarted = true;
    for (const { lane } of this.open.values()) lane.start();
  }

  wake(): void {
    for (const { lane } of this.open.values()) lane.wake();
  }

  /** Those that are finishing are stopped, too. */
  async stop(): Promise<void> {
    const lanes = [...[...this.open.values()].map(({ lane }) => lane), ...this.ending];
    await Promise.all(lanes.map((lane) => lane.stop()));
  }

  private begin(repository: CvmfsRepositorySettings): void {
    try {
      const lane = this.make(repository);
      this.open.set(repository.name, { lane, settings: JSON.stringify(repository) });
      if (this.isStarted) lane.start();
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      this.log.error({ cvmfsRepository: repository.name, code, err: message }, 'there is no lane for it');
      // At the start somebody is there to see it; later the other repositories go on.
      if (!this.isStarted) throw thrown;
    }
  }

  private end(name: string, isChanged: boolean): void {
    const lane = this.open.get(name)?.lane;
    this.open.delete(name);
    if (!lane) return;
    const why = isChanged ? 'its settings changed' : 'it was removed';
    this.log.info({ cvmfsRepository: name, why }, 'the lane finishes what it has begun');
    this.ending.add(lane);
    void lane.finish().finally(() => {
      this.ending.delete(lane);
      this.log.info({ cvmfsRepository: name }, 'the lane has ended');
    });
  }
}
