import { TokenBucket } from './token-bucket.js';

describe('a rate', () => {
  it('lets a burst through, then what comes slowly enough, and says how long to wait', () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 3 }, 0);
    expect([0, 0, 0, 0].map((now) => bucket.take(now))).toEqual([0, 0, 0, 1]);
    expect(bucket.take(500)).toBe(0);
    expect(bucket.take(500)).toBe(1);
    expect(bucket.take(60_000)).toBe(0);
    expect([60_000, 60_000, 60_000].map((now) => bucket.take(now))).toEqual([0, 0, 1]);
  });

  it('of less than one in a second says so in whole seconds', () => {
    const bucket = new TokenBucket({ perSecond: 0.1, burst: 1 }, 0);
    expect(bucket.take(0)).toBe(0);
    expect(bucket.take(0)).toBe(10);
    expect(bucket.take(4_000)).toBe(6);
  });

  it('does not fill when the clock goes back', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, 10_000);
    expect(bucket.take(10_000)).toBe(0);
    expect(bucket.take(1_000)).toBe(1);
  });
});
