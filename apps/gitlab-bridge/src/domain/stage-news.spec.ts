import { type AttemptNews, heard, type Saying, type StageNews } from './stage-news.js';

const attempt = (number: number, state: AttemptNews['state'], more: Partial<AttemptNews> = {}): Saying => ({
  of: 'attempt',
  attempt: { id: `id-${number}`, number, state, backend: 'pool', ...more },
});
const after = (...sayings: readonly Saying[]): StageNews => sayings.reduce(heard, {});

describe('what is heard of a grid job', () => {
  it('goes forward, whatever comes late or twice', () => {
    const news = after(
      attempt(1, 'submitted', { batchId: '7.0' }),
      attempt(1, 'failed', { exitCode: 3 }),
      attempt(1, 'running', { node: 'late' }),
      attempt(1, 'succeeded'),
    );
    expect(news.attempt).toMatchObject({ state: 'failed', exitCode: 3, batchId: '7.0' });
    expect(news.attempt?.node).toBeUndefined();
  });

  it('begins anew with a further attempt, and hears no more of the one before', () => {
    const log = (number: number, logBytes: number): Saying => ({
      of: 'log',
      log: { attempt: number, logBytes } as Extract<Saying, { of: 'log' }>['log'],
    });
    const news = after(
      attempt(1, 'running'),
      log(1, 500),
      attempt(2, 'queued'),
      attempt(1, 'failed'),
      log(1, 900),
      log(2, 20),
      log(2, 10),
    );
    expect(news).toMatchObject({ attempt: { number: 2, state: 'queued' }, logBytes: 20 });
  });
});
