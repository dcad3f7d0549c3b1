import { broughtBack, type JobsSource } from './brought-back.js';

const stages = [
  { name: 'list', groupId: 'l', jobs: 1 },
  { name: 'work', groupId: 'w', jobs: 3 },
  { name: 'merge', groupId: 'm', jobs: 1 },
];

const source: JobsSource = {
  jobs: async ({ group }, most) =>
    Promise.resolve(
      [
        { index: 2, key: '../up', attemptId: `${group}-2` },
        { index: 0, key: 'MC/2018', attemptId: `${group}-0` },
        { index: 1, key: 'MC_2018', attemptId: `${group}-1` },
      ].slice(-most),
    ),
};

describe('what the artifacts of a CI job are made of', () => {
  it('is what its only job brought back, without a directory', async () => {
    const [, work] = stages.map((stage) => ({ ...stage, jobs: 1 }));
    expect(await broughtBack(source, work ? [work] : [], undefined)).toEqual([{ attemptId: 'w-1' }]);
  });

  it('is what each item brought back, by its key, and what the merging made at the top', async () => {
    expect(await broughtBack(source, stages, 'all')).toEqual([
      { attemptId: 'm-1' },
      { attemptId: 'w-0', under: 'MC_2018.0' },
      { attemptId: 'w-1', under: 'MC_2018.1' },
      { attemptId: 'w-2', under: 'up' },
    ]);
    expect(await broughtBack(source, stages.slice(0, 2), 'all')).toHaveLength(3);
  });

  it('is what the merging made alone, where that is asked for', async () => {
    expect(await broughtBack(source, stages, 'merged')).toEqual([{ attemptId: 'm-1' }]);
    expect(await broughtBack(source, stages.slice(0, 2), 'merged')).toEqual([]);
  });
});
