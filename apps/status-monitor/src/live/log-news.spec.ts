import { randomUUID } from 'node:crypto';
import { waitFor } from '#lab';
import type { Attempt } from '../domain/attempt.js';
import { LogNews } from './log-news.js';

const attempt: Attempt = {
  id: randomUUID(),
  groupId: randomUUID(),
  jobId: randomUUID(),
  index: 0,
  number: 1,
  project: 'higgs',
  backend: 'pool',
  madeAt: new Date(),
  isLatest: true,
  state: 'running',
  stateAt: new Date(),
};

interface Said {
  readonly logBytes: number;
  readonly ended: boolean;
}

function newsTo(said: Said[], signalled: string[] = [], fails = false): LogNews {
  return new LogNews({
    bus: {
      publish: async (_message, payload) => {
        if (fails) throw new Error('no broker');
        said.push(payload as unknown as Said);
      },
    },
    signals: { grew: (id) => void signalled.push(id) },
    log: { warn: () => undefined },
  });
}

describe('news of a log', () => {
  it('are told to who follows at once, and to others once for all that came within a second', async () => {
    const said: Said[] = [];
    const signalled: string[] = [];
    const news = newsTo(said, signalled);
    for (let bytes = 1; bytes <= 100; bytes++) news.grew(attempt, bytes);
    expect(signalled).toHaveLength(100);
    expect(said).toEqual([]);
    await waitFor(() => said.length > 0, { what: 'the event' });
    expect(said).toEqual([expect.objectContaining({ attemptId: attempt.id, logBytes: 100, ended: false })]);
  });

  it('say that it ended, whatever comes late, and are said when the service stops', async () => {
    const said: Said[] = [];
    const news = newsTo(said);
    news.ended(attempt, 70);
    news.grew(attempt, 60);
    await news.close();
    expect(said).toEqual([expect.objectContaining({ logBytes: 70, ended: true })]);
  });

  it('that the broker does not take are no reason to refuse a job', async () => {
    const news = newsTo([], [], true);
    news.grew(attempt, 1);
    await expect(news.close()).resolves.toBeUndefined();
  });
});
