import { waitFor } from '#lab';
import type { Standing } from '../domain/attempt.js';
import { HeldCalls } from './held-calls.js';

const standing = (id: string, more: Partial<Standing> = {}): Standing => ({
  id,
  madeAt: new Date(0),
  state: 'running',
  session: 'x',
  cancel: undefined,
  ...more,
});
const wish = { fault: 'cancelled', words: 'by ada', at: new Date(0) } as const;
const hour = 3_600_000;

describe('a held call', () => {
  const known = new Map<string, Standing>();
  let asked: string[] = [];
  const calls = (): HeldCalls => {
    asked = [];
    return new HeldCalls(async (id) => {
      asked.push(id);
      return known.get(id);
    });
  };

  it('is answered when its job is to end, and no other one', async () => {
    const held = calls();
    const [one, other] = [standing('one'), standing('other')];
    const answered: string[] = [];
    const waiting = [one, other].map(async (each) => {
      const now = await held.hold(each, hour);
      answered.push(each.id);
      return now;
    });
    await waitFor(() => asked.length >= 2, { what: 'a look at both' });
    known.set('one', { ...one, cancel: wish });
    expect(await waiting[0]).toMatchObject({ id: 'one', cancel: wish });
    expect(answered).toEqual(['one']);
    held.close();
    expect(await waiting[1]).toEqual(other);
  });

  it('is answered at once where the job is to end already, and as soon as it is over', async () => {
    const held = calls();
    expect(await held.hold(standing('a', { cancel: wish }), hour)).toMatchObject({ cancel: wish });
    expect(asked).toEqual([]);
    known.set('b', standing('b', { state: 'failed' }));
    expect(await held.hold(standing('b'), hour)).toMatchObject({ state: 'failed' });
  });

  it('is let go when its time is up, and by who stops', async () => {
    const held = calls();
    expect(await held.hold(standing('c'), 1)).toEqual(standing('c'));
    held.close();
    expect(await held.hold(standing('c'), hour)).toEqual(standing('c'));
  });

  it('is one of so many, and no more', async () => {
    const held = calls();
    const waiting = Array.from({ length: 2_000 }, (_, n) => held.hold(standing(`n${n}`), hour));
    expect(await held.hold(standing('too many'), hour)).toEqual(standing('too many'));
    expect(asked).not.toContain('too many');
    held.close();
    await Promise.all(waiting);
  });
});
