import { judge, type OpenAttempt } from './judgement.js';

const at = (seconds: number): Date => new Date(seconds * 1_000);
const patience = { stallMs: 60_000, graceMs: 10_000, cancelMs: 30_000, vanishMs: 10_000 };

describe('what a poll makes of a cancelled attempt that goes on', () => {
  const running = (graceSeconds?: number): OpenAttempt => ({
    id: 'a',
    batchId: '1',
    state: 'running',
    stateAt: at(0),
    node: 'wn',
    aliveAt: at(0),
    batchEnd: undefined,
    cancel: { fault: 'cancelled', words: 'not wanted', at: at(100), graceSeconds },
  });
  const judged = (attempt: OpenAttempt, seconds: number) =>
    judge(
      attempt,
      { batchId: '1', state: 'running' },
      {
        ...patience,
        now: at(seconds),
        transfer: 'http',
        missed: 0,
      },
    );

  it('gives it up once it had its time', () => {
    expect(judged(running(), 129)).toEqual([]);
    expect(judged(running(), 130)).toMatchObject([{ state: 'cancelled' }]);
  });

  it('gives it up later by what it was given for its end', () => {
    expect(judged(running(600), 729)).toEqual([]);
    expect(judged(running(600), 730)).toMatchObject([{ state: 'cancelled' }]);
  });
});
