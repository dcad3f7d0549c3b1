import { attemptWaits, fateOf } from './delivery-fate.js';

const now = Date.UTC(2026, 0, 1);
const answered = (status: number, retryAfter?: string) => ({ status, reason: undefined, retryAfter });
const silence = { status: undefined, reason: 'nothing listens there', retryAfter: undefined };

describe('what becomes of a delivery', () => {
  it.each([200, 201, 204, 299])('is that it is delivered at %s', (status) =>
    expect(fateOf(answered(status), 1, now)).toEqual({ state: 'delivered' }),
  );

  it.each([301, 307, 400, 404, 500, 503])('is that it comes again at %s', (status) =>
    expect(fateOf(answered(status), 1, now)).toMatchObject({ state: 'waiting', waitMs: 10_000 }),
  );

  it('is that it comes again after 10 s, 1 m, 10 m, 1 h, 6 h and 24 h, and is given up then', () => {
    const fates = [1, 2, 3, 4, 5, 6, 7].map((attempts) => fateOf(silence, attempts, now));
    expect(fates.slice(0, 6).map((fate) => fate.state === 'waiting' && fate.waitMs)).toEqual(attemptWaits);
    expect(fates[6]).toEqual({
      state: 'failed',
      reason: 'given up after 7 attempts: nothing listens there',
      isUnwanted: false,
    });
  });

  it('is that nothing more comes at 410', () => {
    expect(fateOf(answered(410), 1, now)).toMatchObject({ state: 'failed', isUnwanted: true });
  });

  it.each([
    [429, '120', 120_000],
    [503, new Date(now + 5_000).toUTCString(), 5_000],
    [503, '0', 1_000],
    [503, '999999', 86_400_000],
    [503, 'soon', 10_000],
    [500, '120', 10_000],
  ])('follows Retry-After where %s says %s', (status, retryAfter, waitMs) =>
    expect(fateOf(answered(status, retryAfter), 1, now)).toMatchObject({ state: 'waiting', waitMs }),
  );
});
