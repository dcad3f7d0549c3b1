import { Readable } from 'node:stream';
import { drainInto } from './drain-into.js';

const chunks = (count: number): Buffer[] => Array.from({ length: count }, (_, at) => Buffer.from([at]));

describe('drainInto', () => {
  it('hands on every chunk in order, those behind one that is waited for too', async () => {
    const taken: number[] = [];
    let isBusy = false;
    await drainInto(Readable.from(chunks(20)), (chunk) => {
      expect(isBusy).toBe(false);
      taken.push(...chunk);
      if (taken.length % 3 !== 0) return undefined;
      isBusy = true;
      return new Promise((resolve) =>
        setImmediate(() => {
          isBusy = false;
          resolve();
        }),
      );
    });
    expect(taken).toEqual(Array.from({ length: 20 }, (_, at) => at));
  });

  it.each([
    ['at once', (): undefined => fail()],
    [
      'later',
      (): Promise<void> => new Promise((_, reject) => setImmediate(() => reject(new Error('no room')))),
    ],
  ])('ends the stream and tells why when a chunk is refused %s', async (_, take) => {
    const stream = Readable.from(chunks(20));
    await expect(drainInto(stream, take)).rejects.toThrow('no room');
    expect(stream.destroyed).toBe(true);
  });

  it('tells of a stream that breaks off only once the last chunk is dealt with', async () => {
    const stream = new Readable({ read: () => undefined });
    let isDone = false;
    const drained = drainInto(stream, async () => {
      stream.destroy(new Error('connection lost'));
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      isDone = true;
    });
    stream.push(Buffer.from('x'));
    await expect(drained).rejects.toThrow('connection lost');
    expect(isDone).toBe(true);
  });
});

function fail(): never {
  throw new Error('no room');
}
