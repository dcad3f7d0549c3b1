import { CatchUp, type CatchUpTiming } from './catch-up.js';

const timing: CatchUpTiming = {
  gapMs: 200,
  answerMs: 15_000,
  longestMs: 300_000,
  failedMs: 1_000,
  usualMs: 300_000,
};

describe('when a copy asks', () => {
  let said: { readonly queue: string; readonly request: string }[];
  let isFailing: boolean;
  let catchUp: CatchUp;

  beforeEach(() => {
    jest.useFakeTimers();
    said = [];
    isFailing = false;
    catchUp = new CatchUp((queue, request) => {
      said.push({ queue, request });
      return isFailing ? Promise.reject(new Error('no broker')) : Promise.resolve();
    }, timing);
  });
  afterEach(() => {
    catchUp.close();
    jest.useRealTimers();
  });

  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  it('it asks once when it begins to listen, and now and then after the answer', async () => {
    catchUp.opened('a');
    expect(said).toHaveLength(1);
    expect(catchUp.isWaiting).toBe(true);
    expect(catchUp.isOurs(said[0]?.request ?? '')).toBe(true);
    catchUp.answered();
    expect(catchUp.isWaiting).toBe(false);
    await pass(149_000);
    expect(said).toHaveLength(1);
    await pass(151_000);
    expect(said.length).toBeGreaterThan(1);
  });

  it('many gaps at once make one question, and none until those before could have come', async () => {
    catchUp.opened('a');
    catchUp.answered();
    for (let n = 0; n < 50; n++) catchUp.gap();
    await pass(199);
    expect(said).toHaveLength(1);
    await pass(1);
    expect(said).toHaveLength(2);
  });

  it('it asks less and less often while nobody answers, and does not swamp a registry that is down', async () => {
    catchUp.opened('a');
    await pass(3_600_000);
    expect(said.length).toBeGreaterThan(10);
    expect(said.length).toBeLessThan(40);
  });

  it('gaps that go on while nobody answers do not make a question each', async () => {
    catchUp.opened('a');
    for (let n = 0; n < 100; n++) {
      catchUp.gap();
      await pass(100);
    }
    expect(said.length).toBeLessThan(8);
  });

  it('it asks again soon where the question could not be said', async () => {
    isFailing = true;
    catchUp.opened('a');
    await pass(1_000);
    expect(said).toHaveLength(2);
  });

  it('it asks at the new queue when it listens anew, and nothing once it is closed', async () => {
    catchUp.opened('a');
    catchUp.opened('b');
    expect(said.map(({ queue }) => queue)).toEqual(['a', 'b']);
    catchUp.close();
    catchUp.gap();
    catchUp.answered();
    await pass(3_600_000);
    expect(said).toHaveLength(2);
  });
});
