import { permanent, temporary } from '#errors';
import { fateOf } from './fate.js';
import { backOff } from './link.js';
import { policy } from './policy.js';

const delays = { '10s': 10_000, '1m': 60_000, '10m': 600_000, '1h': 3_600_000 };
const usual = policy({ attempts: 4, delays: ['10s', '1m'] });
const busy = temporary('a.busy', 'busy');

describe('the fate of a message', () => {
  it.each([
    [1, { kind: 'retry', delay: '10s' }],
    [2, { kind: 'retry', delay: '1m' }],
    [3, { kind: 'retry', delay: '1m' }],
    [4, { kind: 'dead', reason: 'exhausted' }],
    [9, { kind: 'dead', reason: 'exhausted' }],
  ])('after the temporary failure of try %i is %j', (attempt, fate) => {
    expect(fateOf(busy, attempt, usual, delays)).toEqual(fate);
  });

  it.each([
    ['a.never', 'permanent'],
    ['bus.invalid_message', 'invalid'],
    ['bus.undecodable', 'undecodable'],
    ['bus.unknown_type', 'unknown_type'],
    ['bus.consumer_crashed', 'crashed'],
  ])('after a permanent %s is a dead letter: %s', (code, reason) => {
    expect(fateOf(permanent(code, 'no'), 1, usual, delays)).toEqual({ kind: 'dead', reason });
  });

  it('waits at least as long as the other side asked for, where there is a delay so long', () => {
    const asked = (seconds: number) => temporary('a.busy', 'busy', { retryAfterSeconds: seconds });
    expect(fateOf(asked(5), 1, usual, delays)).toEqual({ kind: 'retry', delay: '10s' });
    expect(fateOf(asked(61), 1, usual, delays)).toEqual({ kind: 'retry', delay: '10m' });
    expect(fateOf(asked(86_400), 1, usual, delays)).toEqual({ kind: 'retry', delay: '1h' });
  });

  it('is a dead letter at once where the policy knows one try only', () => {
    expect(fateOf(busy, 1, policy({ attempts: 1, delays: [] }), delays)).toEqual({
      kind: 'dead',
      reason: 'exhausted',
    });
  });
});

describe('a policy', () => {
  it.each([
    { attempts: 0 },
    { delays: [] },
    { prefetch: 0 },
    { prefetch: 10, concurrency: 11 },
    { timeoutSeconds: 1501 },
  ])('that cannot work is refused: %j', (differs) => {
    expect(() => policy(differs)).toThrow(/not a usable policy/);
  });

  it('runs as many handlers as it holds messages, unless told', () => {
    expect(policy({ prefetch: 7 })).toMatchObject({ prefetch: 7, concurrency: 7 });
    expect(policy({ prefetch: 7, concurrency: 2 })).toMatchObject({ prefetch: 7, concurrency: 2 });
  });
});

describe('the pause between two connections', () => {
  it('grows to 3 s, and is between half and whole of it by chance', () => {
    expect([1, 2, 3, 4, 5, 6, 50].map((failures) => backOff(failures, () => 1))).toEqual([
      100, 200, 400, 800, 1600, 3000, 3000,
    ]);
    expect(backOff(50, () => 0)).toBe(1500);
  });
});
