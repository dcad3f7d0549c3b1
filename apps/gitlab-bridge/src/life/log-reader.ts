import { hasEnded } from '#contracts';
import { attemptIdOf, jobIdOf } from '#grid';
import { Masker, noticeLine } from '#gitlab';
import type { CurrentLife } from './current-life.js';
import type { Stage } from '../domain/stage-news.js';

const pieceBytes = 512 * 1024;

/**
 * Brings the log of a stage's one job into the trace, attempt after attempt. What is held back because it may be the
 * beginning of a secret is not kept: after a restart it is read again.
 */
export class LogReader {
  private masker: Masker | undefined;
  private base = 0;
  private readAt = 0;

  constructor(private readonly life: CurrentLife) {}

  /** Reads what there is. @throws AppError */
  async read({ groupId, news }: Stage): Promise<void> {
    const { record } = this.life;
    const latest = news.attempt;
    if (!latest) return;
    try {
      while (record.logAttempt < latest.number) {
        if (record.logAttempt > 0) await this.readToEnd(groupId, record.logAttempt);
        await this.next(record.logAttempt + 1);
      }
      if (hasEnded(latest.state)) await this.readToEnd(groupId, latest.number);
      else if ((news.logBytes ?? 0) > this.place()) await this.readOn(groupId, latest.number);
    } catch (thrown) {
      // The database may not have what went through the masker.
      this.masker = undefined;
      throw thrown;
    }
  }

  /** Reads on although nobody said that there is more. */
  async readAnyway({ groupId, news }: Stage): Promise<void> {
    if (news.attempt) await this.readOn(groupId, news.attempt.number);
  }

  private place(): number {
    return this.masker ? this.readAt : this.life.record.logOffset;
  }

  private async next(attempt: number): Promise<void> {
    const { trace } = this.life;
    this.masker = undefined;
    const words =
      attempt > 1 ? noticeLine('warning', `WARNING: attempt ${attempt - 1} did not count; trying again`) : '';
    await trace.own(words, { place: { attempt, offset: 0 } });
  }

  private async readOn(groupId: string, attempt: number): Promise<void> {
    const { record, parts, trace } = this.life;
    const id = attemptIdOf(jobIdOf(groupId, 0), attempt);
    while (!record.isTraceCut) {
      const masker = this.opened();
      const { bytes } = await parts.monitor.log(id, this.readAt, pieceBytes);
      if (bytes.length === 0) return;
      this.readAt += bytes.length;
      const out = masker.write(bytes);
      if (out.length > 0) await trace.log(out, { place: { attempt, offset: this.base + masker.emitted } });
      if (bytes.length < pieceBytes) return;
    }
  }

  private async readToEnd(groupId: string, attempt: number): Promise<void> {
    const { record, trace } = this.life;
    await this.readOn(groupId, attempt);
    if (!this.masker || record.isTraceCut) return;
    const out = this.masker.end();
    if (out.length > 0) await trace.log(out, { place: { attempt, offset: this.readAt } });
    this.masker = undefined;
  }

  private opened(): Masker {
    if (this.masker) return this.masker;
    this.masker = new Masker(this.life.rules);
    this.base = this.readAt = this.life.record.logOffset;
    return this.masker;
  }
}
