import { Batch } from './batch.js';

/** An hour: no test waits for it. */
const ms = 3_600_000;

function batches(gathering: { readonly ms: number; readonly enough: number }) {
  const runs: (readonly number[])[] = [];
  const batch = new Batch<number, number>(
    (items) => {
      runs.push(items);
      return Promise.resolve(items.map((item) => item * 2));
    },
    500,
    gathering,
  );
  return { runs, batch };
}

describe('a batch', () => {
  it('writes what comes alone at once, and what comes soon after together with others', async () => {
    const { runs, batch } = batches({ ms, enough: 3 });
    expect(await batch.add(1)).toBe(2);
    const early = [batch.add(2), batch.add(3)];
    expect(await Promise.all([...early, batch.add(4)])).toEqual([4, 6, 8]);
    expect(runs).toEqual([[1], [2, 3, 4]]);
  });

  it('waits for others no longer than it was told', async () => {
    const { runs, batch } = batches({ ms: 20, enough: 100 });
    await batch.add(1);
    expect(await Promise.all([batch.add(2), batch.add(3)])).toEqual([4, 6]);
    expect(runs).toEqual([[1], [2, 3]]);
  });

  it('gathers what comes while one runs where it waits for nothing', async () => {
    const { runs, batch } = batches({ ms: 0, enough: 1 });
    await Promise.all([batch.add(1), batch.add(2).then(() => batch.add(3))]);
    expect(runs).toEqual([[1, 2], [3]]);
  });
});
