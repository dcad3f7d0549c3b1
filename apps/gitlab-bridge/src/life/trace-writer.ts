import { Masker, noticeLine, renewedLine, type Tone } from '#gitlab';
import type { Appended } from '../storage/trace.store.js';
import type { CurrentLife } from './current-life.js';

/** Left for the lines after the cut: how the job ended, and where the rest is. */
const tailBytes = 4_096;

/** Appends to a job's trace: what is to be masked is masked here, and nowhere is the trace longer than it may be. */
export class TraceWriter {
  private isAtLineStart = true;
  /** The last line is one that the next takes the place of. */
  private isRenewed = false;

  constructor(private readonly life: CurrentLife) {}

  /** A line of ours. */
  notice(tone: Tone, text: string, more: Partial<Appended> = {}): Promise<void> {
    return this.own(noticeLine(tone, text), more);
  }

  /** A line of ours that the next one of its kind takes the place of. */
  async renewed(text: string): Promise<void> {
    await this.own(renewedLine(text), {}, false);
    this.isRenewed = true;
  }

  /** Several lines of ours at once. */
  async own(text: string, more: Partial<Appended> = {}, onNewLine = true): Promise<void> {
    const masker = new Masker(this.life.rules);
    const between = this.isRenewed ? renewedLine('') : this.isAtLineStart || !onNewLine ? '' : '\n';
    const bytes = Buffer.concat([
      Buffer.from(text === '' ? '' : between),
      masker.write(Buffer.from(text)),
      masker.end(),
    ]);
    await this.append(bytes, more);
    if (text !== '') this.isAtLineStart = text.endsWith('\n');
  }

  /** What came out of a masker of the log. */
  async log(bytes: Buffer, more: Partial<Appended>): Promise<void> {
    const { record, parts } = this.life;
    const { traceLimit } = parts.config;
    const left = traceLimit - Math.min(tailBytes, traceLimit / 4) - record.traceBytes;
    if (record.isTraceCut) return;
    if (bytes.length <= left) {
      await this.append(this.isRenewed ? Buffer.concat([Buffer.from(renewedLine('')), bytes]) : bytes, more);
      if (bytes.length > 0) this.isAtLineStart = bytes.at(-1) === 0x0a;
      return;
    }
    const words = `\nJob's log exceeded limit of ${traceLimit} bytes. The job goes on, and all of its log is in Slipway.`;
    const notice = Buffer.from(noticeLine('bad', words));
    await this.append(Buffer.concat([bytes.subarray(0, Math.max(0, left)), Buffer.from('\n'), notice]), {
      ...more,
      isCut: true,
    });
    this.isAtLineStart = true;
  }

  private async append(bytes: Buffer, more: Partial<Appended>): Promise<void> {
    const { record, parts, held, sender } = this.life;
    await parts.traces.append(held, record, bytes, more);
    if (bytes.length > 0) this.isRenewed = false;
    parts.metrics.traced(bytes.length);
    sender.grew();
  }
}
