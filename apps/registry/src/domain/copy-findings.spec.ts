import { copiesFinding, type HeardCopy } from './copy-findings.js';

describe('what is told of the copies of a service', () => {
  const now = new Date('2026-01-01T12:00:00Z');
  const copy = (instance: string, revision: number, stuckSince?: Date): HeardCopy => ({
    queue: `webhook-relay.copy.${instance}`,
    revision,
    heardAt: new Date('2026-01-01T11:58:00Z'),
    stuckSince,
  });
  const find = (...heard: readonly HeardCopy[]) => copiesFinding('webhook-relay', heard, 60, now);

  it('is how many there are, and up to where the last of them was told', () => {
    const { ok, detail } = find(copy('a', 60), copy('b', 57), {
      ...copy('c', 1),
      queue: 'cvmfs-publisher.copy.c',
    });
    expect(ok).toBe(true);
    expect(detail).toBe(
      '2 heard, the last at 2026-01-01T11:58:00.000Z; told up to revision 57 then; it is 60 now',
    );
  });

  it('is no fault where there is none: slipway.yml may be what it goes by', () => {
    expect(find()).toMatchObject({ ok: true, detail: expect.stringContaining('none asked') as string });
  });

  it('is a fault where one asks again and again for what it was sent, not where a question crossed its answer', () => {
    expect(find(copy('a', 57, new Date(now.getTime() - 60_000))).ok).toBe(true);
    expect(find(copy('a', 57, new Date(now.getTime() - 600_000)), copy('b', 60))).toMatchObject({
      ok: false,
      detail: expect.stringContaining('webhook-relay.copy.a stays at revision 57') as string,
    });
  });
});
