import type { SayingOf } from '../storage/stage.store.js';
import { GridNews } from './grid-news.js';

const many = '00000000-0000-4000-8000-000000000001';
const single = '00000000-0000-4000-8000-000000000002';
const stranger = '00000000-0000-4000-8000-000000000003';

/** Real: what is remembered. In place of the database: two stages, and what is noted of them. */
function news(): { readonly news: GridNews; readonly asked: string[]; readonly noted: SayingOf[] } {
  const jobs = new Map([
    [many, 411],
    [single, 1],
  ]);
  const asked: string[] = [];
  const noted: SayingOf[] = [];
  const stages = {
    known: (ids: readonly string[]) => {
      asked.push(...ids);
      return Promise.resolve(new Map([...jobs].filter(([id]) => ids.includes(id))));
    },
    note: (sayings: readonly SayingOf[]) => Promise.resolve(void noted.push(...sayings)),
  };
  return { news: new GridNews(stages), asked, noted };
}

const queued = (groupId: string): SayingOf => ({
  groupId,
  saying: { of: 'group', news: { backend: 'pool' } },
});
const running = (groupId: string, id: string): SayingOf => ({
  groupId,
  saying: { of: 'attempt', attempt: { id, number: 1, state: 'running', backend: 'pool' } },
});

describe('what the grid says of the stages of CI jobs', () => {
  it('is not brought to the database where it is of one job of many', async () => {
    const { news: said, asked, noted } = news();
    await said.add(queued(many));
    for (const id of ['one', 'two', 'three']) await said.add(running(many, id));
    await said.add(queued(many));
    expect(asked).toEqual([many, many]);
    expect(noted).toEqual([queued(many), queued(many)]);
  });

  it('is noted of a stage that has one job', async () => {
    const { news: said, noted } = news();
    await said.add(queued(single));
    await said.add(running(single, 'one'));
    expect(noted).toEqual([queued(single), running(single, 'one')]);
  });

  it('is asked about once where it is of nobody that is known', async () => {
    const { news: said, asked, noted } = news();
    await said.add(queued(stranger));
    await said.add(running(stranger, 'one'));
    expect(asked).toEqual([stranger]);
    expect(noted).toEqual([]);
  });
});
