import { permanent, temporary } from '#errors';
import { GitLabServer, patiently, waitAfter } from '#gitlab';
import { scriptedServer } from '../../test/scripted-server.js';
import { refusalError } from './failure.js';

describe('the wait before the next try', () => {
  const error = temporary('gitlab.unavailable', 'x');

  it('doubles from 100 ms up to a minute, half of it by chance', () => {
    const waits = [1, 2, 3, 11, 400].map((attempt) => waitAfter(error, attempt, () => 1));
    expect(waits).toEqual([100, 200, 400, 60_000, 60_000]);
    expect(waitAfter(error, 1, () => 0)).toBe(50);
  });

  it('is as long as GitLab asks for, by the end of its limit before Retry-After', () => {
    const now = Date.parse('2026-03-01T00:00:00Z');
    const asked = (headers: Readonly<Record<string, string>>): number | undefined =>
      refusalError(
        { url: new URL('http://g/'), status: 429, words: '', header: (name) => headers[name] },
        now,
      ).retryAfterSeconds;
    expect(asked({ 'ratelimit-resettime': 'Sun, 01 Mar 2026 00:00:12 GMT', 'retry-after': '60' })).toBe(12);
    expect(asked({ 'ratelimit-resettime': 'Sat, 28 Feb 2026 00:00:00 GMT', 'retry-after': '60' })).toBe(60);
    expect(asked({ 'retry-after': 'Sun, 01 Mar 2026 00:00:05 GMT' })).toBe(5);
    expect(asked({ 'ratelimit-resettime': 'soon', 'retry-after': '-1' })).toBeUndefined();
    expect(waitAfter(temporary('gitlab.rate_limited', 'x', { retryAfterSeconds: 12 }), 1)).toBe(12_000);
  });
});

describe('patience', () => {
  it('tries again what is temporary until it is done', async () => {
    const gitlab = await scriptedServer();
    const server = new GitLabServer(gitlab.url);
    gitlab.answers = () => (gitlab.heard.length < 3 ? { status: 502 } : { status: 200, body: '{}' });
    const waited: number[] = [];
    const answer = await patiently(() => server.ask({ method: 'GET', path: 'version' }), {
      onWait: (_error, wait) => waited.push(wait),
      random: () => 0,
    });
    expect(answer.status).toBe(200);
    expect(waited).toEqual([50, 100]);
    await server.close();
    await gitlab.close();
  });

  it('gives on what is permanent, and what lasts longer than it', async () => {
    let tries = 0;
    const never = (error: Error) => () => {
      tries++;
      return Promise.reject(error);
    };
    await expect(patiently(never(permanent('a.b', 'x')))).rejects.toMatchObject({ code: 'a.b' });
    const long = temporary('gitlab.rate_limited', 'x', { retryAfterSeconds: 100 });
    await expect(patiently(never(long), { giveUpAfterMs: 50_000 })).rejects.toBe(long);
    expect(tries).toBe(2);
  });

  it('ends at once when it is told to', async () => {
    const stop = new AbortController();
    const later = temporary('gitlab.unavailable', 'x', { retryAfterSeconds: 3_600 });
    const waiting = patiently(() => Promise.reject(later), {
      signal: stop.signal,
      onWait: () => stop.abort(),
    });
    await expect(waiting).rejects.toMatchObject({ code: 'gitlab.aborted' });
  });
});
