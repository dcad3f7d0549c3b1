import type { LastLine } from '../domain/ci-job.js';
import type { Appended } from '../storage/trace.store.js';
import type { CurrentLife } from './current-life.js';
import { TraceWriter } from './trace-writer.js';

const cleared = '\r\u001B[0K';

/** A trace that one copy after the other writes to: each knows of it what the row says. */
class Trace {
  text = '';
  private readonly record = { traceBytes: 0, isTraceCut: false, lastLine: 'ended' as LastLine };

  /** As a copy that has just taken the job over. */
  taken(): TraceWriter {
    const append = async (
      _held: object,
      _job: object,
      bytes: Buffer,
      more: Partial<Appended>,
    ): Promise<void> => {
      this.text += bytes.toString();
      this.record.traceBytes += bytes.length;
      this.record.lastLine = more.lastLine ?? this.record.lastLine;
    };
    const life = {
      record: this.record,
      held: {},
      rules: { phrases: [], prefixes: [] },
      sender: { grew: () => undefined },
      parts: {
        config: { traceLimit: 10_000 },
        traces: { append },
        metrics: { traced: () => undefined },
      },
    };
    return new TraceWriter(life as unknown as CurrentLife);
  }
}

describe('a trace that another copy goes on with', () => {
  it('has the line that waits for its renewal taken away by what comes next', async () => {
    for (const next of ['log', 'own'] as const) {
      const trace = new Trace();
      await trace.taken().renewed('Waiting');
      await (next === 'log' ? trace.taken().log(Buffer.from('begun\n'), {}) : trace.taken().own('begun\n'));
      expect(trace.text).toBe(`${cleared}Waiting${cleared}begun\n`);
    }
  });

  it('has our words on a line of their own after a line that the log left open, and else no empty line', async () => {
    const trace = new Trace();
    await trace.taken().log(Buffer.from('half'), {});
    await trace.taken().own('ours\n');
    await trace.taken().own('', {});
    await trace.taken().own('also ours\n');
    await trace.taken().log(Buffer.from('log\n'), {});
    await trace.taken().own('last\n');
    expect(trace.text).toBe('half\nours\nalso ours\nlog\nlast\n');
  });

  it('has nothing after a line that was renewed and taken away already but what follows', async () => {
    const trace = new Trace();
    await trace.taken().renewed('Waiting');
    await trace.taken().renewed('Waiting still');
    await trace.taken().log(Buffer.from('a'), {});
    await trace.taken().log(Buffer.from('b\n'), {});
    expect(trace.text.endsWith(`Waiting still${cleared}ab\n`)).toBe(true);
  });
});
