import { Masker, noticeLine, renewedLine, type Tone } from '#gitlab';
import type { Appended } from '../storage/trace.store.js';
import type { CurrentLife } from './current-life.js';

/** Left for the lines after the cut: how the job ended, and where the rest is. */
const tailBytes = 4_096;

/** Appends to a job's trace: what is to be masked is masked here, and nowhere is the trace longer than it may be. */
export class TraceWriter {
  constructor(private readonly life: CurrentLife) {}

  /** A line of ours. */
  notice(tone: Tone, text: string, more: Partial<Appended> = {}): Promise<void> {
    return this.own(noticeLine(tone, text), more);
  }

  /** A line of ours that the next one of its kind takes the place of. */
  renewed(text: string): Promise<void> {
    return this.own(renewedLine(text), { lastLine: 'renewed' }, false);
  }

  /** Several lines of ours at once. */
  async own(text: string, more: Partial<Appended> = {}, onNewLine = true): Promise<void> {
    if (text === '') return this.append(Buffer.alloc(0), more);
    const masker = new Masker(this.life.rules);
    const { lastLine } = this.life.record;
    const between = lastLine === 'renewed' ? renewedLine('') : lastLine === 'ended' || !onNewLine ? '' : '\n';
    const bytes = Buffer.concat([Buffer.from(between), masker.write(Buffer.from(text)), masker.end()]);
    await this.append(bytes, { lastLine: text.endsWith('\n') ? 'ended' : 'open', ...more });
  }

  /** What came out of a masker of the log. */
  async log(bytes: Buffer, more: Partial<Appended>): Promise<void> {
    const { record, parts } = this.life;
    const { traceLimit } = parts.config;
    const left = traceLimit - Math.min(tailBytes, traceLimit / 4) - record.traceBytes;
    if (record.isTraceCut) return;
    if (bytes.length === 0) return this.append(bytes, more);
    if (bytes.length <= left) {
      const renewed = Buffer.from(record.lastLine === 'renewed' ? renewedLine('') : '');
      const lastLine = bytes.at(-1) === 0x0a ? 'ended' : 'open';
      return this.append(Buffer.concat([renewed, bytes]), { lastLine, ...more });
    }
    const words = `\nJob's log exceeded limit of ${traceLimit} bytes. The job goes on, and all of its log is in Slipway.`;
    const notice = Buffer.from(noticeLine('bad', words));
    await this.append(Buffer.concat([bytes.subarray(0, Math.max(0, left)), Buffer.from('\n'), notice]), {
      lastLine: 'ended',
      ...more,
      isCut: true,
    });
  }

  private async append(bytes: Buffer, more: Partial<Appended>): Promise<void> {
    const { record, parts, held, sender } = this.life;
    await parts.traces.append(held, record, bytes, more);
    parts.metrics.traced(bytes.length);
    sender.grew();
  }
}
