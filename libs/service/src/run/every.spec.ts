import { waitFor } from '#lab';
import { Every } from './every.js';

const never = 3_600_000;

/** Work that ends when it is told to. */
function heldWork() {
  const begun: ((failure?: Error) => void)[] = [];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      begun.push((failure) => (failure ? reject(failure) : resolve()));
    });
  return { begun, work };
}

describe('what is done every so often', () => {
  const warnings: object[] = [];
  const log = { warn: (fields: object) => void warnings.push(fields) };
  beforeEach(() => warnings.splice(0));

  it('is done at once, and again after each interval', async () => {
    let times = 0;
    const loop = new Every('counting', 5, async () => void (times += 1), log);
    loop.start();
    expect(times).toBe(1);
    await waitFor(() => times >= 3, { what: 'two further rounds' });
    await loop.stop();
  });

  it('is never done twice at a time, and once more where it was woken meanwhile', async () => {
    const { begun, work } = heldWork();
    const loop = new Every('holding', never, work, log);
    loop.start();
    loop.wake();
    loop.wake();
    expect(begun).toHaveLength(1);
    begun[0]?.();
    await waitFor(() => begun.length === 2, { what: 'the second round' });
    begun[1]?.();
    await loop.stop();
    expect(begun).toHaveLength(2);
  });

  it('is told of where it fails, and tried again', async () => {
    const { begun, work } = heldWork();
    const loop = new Every('holding', never, work, log);
    loop.start();
    begun[0]?.(new Error('no database'));
    await waitFor(() => warnings.length === 1, { what: 'the warning' });
    expect(warnings).toEqual([{ what: 'holding', code: 'internal.unexpected', err: 'no database' }]);
    loop.wake();
    expect(begun).toHaveLength(2);
    begun[1]?.();
    await loop.stop();
  });

  it('ends with what is under way, and is not begun any more', async () => {
    const { begun, work } = heldWork();
    const loop = new Every('holding', never, work, log);
    loop.start();
    let stopped = false;
    const stopping = loop.stop().then(() => (stopped = true));
    loop.wake();
    await Promise.resolve();
    expect([stopped, begun.length]).toEqual([false, 1]);
    begun[0]?.();
    await stopping;
    expect(begun).toHaveLength(1);
  });
});
