import { randomBytes, randomUUID } from 'node:crypto';
import { openKeyRing } from '#secrets';
import { WorkerTokens } from './worker-tokens.js';

const ring = openKeyRing(`test:${randomBytes(32).toString('base64')}`);
const [one, other] = [randomUUID(), randomUUID()];
const headerOf = (attemptId: string): string => `Bearer ${ring.seal(attemptId, 'worker')}`;

describe('the token of an attempt', () => {
  it('is good for that attempt alone, also once it is known', () => {
    const tokens = new WorkerTokens(ring);
    const header = headerOf(one);
    for (let time = 0; time < 2; time++) {
      expect(tokens.isOf(one, header)).toBe(true);
      expect(tokens.isOf(other, header)).toBe(false);
      expect(tokens.isOf(one, headerOf(other))).toBe(false);
    }
  });

  it.each([
    ['nothing', () => ''],
    ['what was sealed for another purpose', () => `Bearer ${ring.seal(one, 'house')}`],
    ['one that was changed', () => headerOf(one).slice(0, -2)],
    ['one without its scheme', () => ring.seal(one, 'worker')],
  ])('is not %s, whether the good one is known or not', (_name, bad) => {
    const tokens = new WorkerTokens(ring);
    expect(tokens.isOf(one, bad())).toBe(false);
    expect(tokens.isOf(one, headerOf(one))).toBe(true);
    expect(tokens.isOf(one, bad())).toBe(false);
  });

  it('is opened once, and each of several that are good', () => {
    let opened = 0;
    const unseal = (sealed: string, purpose: string): string => {
      opened += 1;
      return ring.unseal(sealed, purpose);
    };
    const tokens = new WorkerTokens({ unseal });
    const [first, second] = [headerOf(one), headerOf(one)];
    for (const header of [first, first, first, second, second]) expect(tokens.isOf(one, header)).toBe(true);
    expect(opened).toBe(2);
  });
});
