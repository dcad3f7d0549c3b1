import { permanent, temporary } from '#errors';
import { redactedUrl, retryAfterSeconds, statusError } from './registry-error.js';
import { defaultRetry, retryDelay, withRetry } from './retry.js';

const middle = () => 0.5;
const busy = (retryAfter?: number) =>
  temporary('registry.unavailable', 'x', retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter });

describe('retryDelay', () => {
  it('doubles up to its limit, with jitter', () => {
    const delays = [1, 2, 3, 4].map((attempt) => retryDelay(defaultRetry, busy(), attempt, middle));
    expect(delays).toEqual([500, 1000, 2000, 4000]);
    const policy = { ...defaultRetry, attempts: 100 };
    expect(retryDelay(policy, busy(), 50, middle)).toBe(15_000);
    expect(retryDelay(policy, busy(), 1, () => 0)).toBe(400);
  });

  it('waits at least as long as the server asks, and not at all when it asks for much', () => {
    expect(retryDelay(defaultRetry, busy(7), 1, middle)).toBe(7000);
    expect(retryDelay(defaultRetry, busy(3600), 1, middle)).toBeUndefined();
  });

  it('gives up after its attempts, and at once on what waiting does not cure', () => {
    expect(retryDelay(defaultRetry, busy(), 5)).toBeUndefined();
    expect(retryDelay(defaultRetry, permanent('registry.forbidden', 'x'), 1)).toBeUndefined();
    expect(retryDelay(defaultRetry, temporary('registry.not_found', 'x'), 1)).toBeUndefined();
    expect(retryDelay(defaultRetry, new TypeError('x'), 1)).toBeUndefined();
  });
});

it('stops waiting when its signal says so', async () => {
  const controller = new AbortController();
  const patient = { ...defaultRetry, firstDelayMs: 60_000, maxDelayMs: 60_000 };
  const waiting = withRetry(patient, controller.signal, () => Promise.reject(busy()));
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'registry.aborted' });
});

describe('what a registry’s error says', () => {
  it('holds no credentials and no query', () => {
    const url = new URL('https://user:secret@storage.example.org/blob?X-Signature=secret#secret');
    expect(redactedUrl(url)).toBe('https://storage.example.org/blob');
    expect(JSON.stringify(statusError({ url, status: 403, body: 'secret' }))).not.toContain('secret');
    expect(statusError({ url, status: 500, body: '<html>secret</html>' }).message).not.toContain('secret');
  });

  it('holds the registry’s own reasons', () => {
    const body = '{"errors":[{"code":"DENIED","message":"requested access is denied"}]}';
    const { message } = statusError({ url: new URL('https://r.example.org/v2/a'), status: 403, body });
    expect(message).toBe('https://r.example.org/v2/a answered 403: DENIED requested access is denied');
  });

  it('reads Retry-After as seconds and as a date', () => {
    expect(retryAfterSeconds('120')).toBe(120);
    expect(retryAfterSeconds('Wed, 21 Oct 2015 07:28:30 GMT', Date.parse('2015-10-21T07:28:00Z'))).toBe(30);
    expect(retryAfterSeconds('Wed, 21 Oct 2015 07:28:30 GMT')).toBe(0);
    expect(retryAfterSeconds('soon')).toBeUndefined();
    expect(retryAfterSeconds(undefined)).toBeUndefined();
  });
});
