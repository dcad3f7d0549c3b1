import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { BodyRoom, throwAway } from './body.js';

const patient = 60_000;
const bodyOf = (...pieces: readonly string[]): Readable =>
  Readable.from(pieces.map((piece) => Buffer.from(piece)));

describe('the body of a call', () => {
  it('is whole, whatever pieces it comes in', async () => {
    const room = new BodyRoom(100);
    expect(String(await room.read(bodyOf('one piece'), 100, patient))).toBe('one piece');
    expect(String(await room.read(bodyOf('two ', 'pieces'), 100, patient))).toBe('two pieces');
    expect(String(await room.read(Readable.from([]), 100, patient))).toBe('');
  });

  it('that was read to its end already is empty', async () => {
    const body = bodyOf('heard');
    await throwAway(body);
    await finished(body).catch(() => undefined);
    expect(String(await new BodyRoom(100).read(body, 100, patient))).toBe('');
  });

  it('that is larger than allowed is not taken, and its sender can still be heard to the end', async () => {
    const room = new BodyRoom(100);
    const body = bodyOf('too ', 'large ', 'by far');
    expect(await room.read(body, 5, patient)).toBeUndefined();
    expect(body.destroyed).toBe(false);
    await throwAway(body);
    expect(body.readableEnded).toBe(true);
  });

  it('has to come again where others fill the room, which is free once they are read', async () => {
    const room = new BodyRoom(10);
    const slow = new PassThrough();
    const first = room.read(slow, 100, patient);
    slow.write('eight by');
    await new Promise(setImmediate);
    const busy = { code: 'worker.busy', temporary: true };
    await expect(room.read(bodyOf('four'), 100, patient)).rejects.toMatchObject(busy);
    slow.end();
    expect(String(await first)).toBe('eight by');
    expect(String(await room.read(bodyOf('ten bytes.'), 100, patient))).toBe('ten bytes.');
  });

  it('that is cut off fails, and so does one whose sender is gone already', async () => {
    const room = new BodyRoom(100);
    const body = new PassThrough();
    const reading = room.read(body, 100, patient);
    body.write('half');
    body.destroy();
    const cutOff = { code: 'worker.cut_off', temporary: true };
    await expect(reading).rejects.toMatchObject(cutOff);
    await expect(room.read(body, 100, patient)).rejects.toMatchObject(cutOff);
    expect(String(await room.read(bodyOf('x'.repeat(100)), 100, patient))).toHaveLength(100);
  });

  it('that does not come in time fails', async () => {
    const body = new PassThrough();
    await expect(new BodyRoom(100).read(body, 100, 1)).rejects.toMatchObject({ code: 'worker.slow' });
    expect(body.destroyed).toBe(true);
  });
});
