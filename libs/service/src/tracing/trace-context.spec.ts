import { setTimeout } from 'node:timers/promises';
import { currentTrace, currentTraceparent, formatTraceparent, parseTraceparent, withTrace } from '#service';

const header = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('traceparent', () => {
  it('is read and written as W3C Trace Context says', () => {
    const context = parseTraceparent(header);
    expect(context).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      sampled: true,
    });
    expect(context && formatTraceparent(context)).toBe(header);
  });

  it.each([
    ['', 'empty'],
    [header.toUpperCase(), 'upper case'],
    [header.replace('00-', 'ff-'), 'the forbidden version'],
    [header.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32)), 'an all-zero trace'],
    [header.replace('b7ad6b7169203331', '0'.repeat(16)), 'an all-zero span'],
    [`${header}-more`, 'version 00 with a fifth field'],
    [header.slice(0, -1), 'cut off'],
  ])('"%s" is ignored: %s', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  it('of a later version may have further fields', () => {
    expect(parseTraceparent(`01${header.slice(2)}-more`)).toMatchObject({ spanId: 'b7ad6b7169203331' });
  });
});

describe('withTrace', () => {
  it('runs the work as a new span of the same trace, across awaits', async () => {
    const inside = await withTrace(header, async () => {
      await setTimeout(1);
      return { trace: currentTrace(), header: currentTraceparent() };
    });
    expect(inside.trace?.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(inside.trace?.spanId).not.toBe('b7ad6b7169203331');
    expect(inside.header).toBe(`00-${inside.trace?.traceId}-${inside.trace?.spanId}-01`);
    expect(currentTrace()).toBeUndefined();
  });

  it('begins a new trace where the header is missing or malformed', () => {
    expect(withTrace('nonsense', () => currentTrace()?.traceId)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('keeps two runs apart', async () => {
    const ids = await Promise.all(
      [1, 2].map(() => withTrace(undefined, async () => currentTrace()?.traceId)),
    );
    expect(new Set(ids).size).toBe(2);
  });
});
