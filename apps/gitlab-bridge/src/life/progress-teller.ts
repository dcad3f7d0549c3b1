import { isLineDue, type Progress, progressLine, type Told } from '../domain/fan-out/index.js';
import type { Stage } from '../domain/stage-news.js';
import type { CurrentLife } from './current-life.js';

/** Counts come once a second at most; a line that was not due is looked at again so soon. In milliseconds. */
const againMs = 1_000;

/** Tells in the trace how far a group is, in a line that takes the place of the one before. */
export class ProgressTeller {
  private told: Told | undefined;

  constructor(private readonly life: CurrentLife) {}

  /** @returns after how many milliseconds a line may be due, whether or not anything is heard */
  async tell({ jobs, news: { states = {} } }: Stage): Promise<number> {
    const progress: Progress = { jobs, states, since: this.life.record.receivedAt, at: new Date() };
    if (!isLineDue(progress, this.told))
      return isLineDue({ ...progress, at: new Date(8.64e15) }, this.told) ? againMs : Infinity;
    await this.life.trace.own(progressLine(progress), {}, false);
    this.told = { at: progress.at, states };
    return Infinity;
  }
}
