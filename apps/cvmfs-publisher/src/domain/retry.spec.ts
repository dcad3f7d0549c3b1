import { retryAt } from './retry.js';

const now = new Date('2026-01-01T00:00:00Z');

describe('retryAt', () => {
  it('waits longer after each attempt', () => {
    expect(retryAt(1, now, [10, 60])).toEqual(new Date('2026-01-01T00:00:10Z'));
    expect(retryAt(2, now, [10, 60])).toEqual(new Date('2026-01-01T00:01:00Z'));
  });

  it('gives up after the last delay', () => {
    expect(retryAt(3, now, [10, 60])).toBeUndefined();
  });

  it('honours a longer Retry-After', () => {
    expect(retryAt(1, now, [10], 120)).toEqual(new Date('2026-01-01T00:02:00Z'));
  });
});
