import { gzipSync } from 'node:zlib';
import { directGunzip } from './direct-gunzip.js';

const text = Buffer.from(Array.from({ length: 3000 }, (_, at) => `${(at * 7919) % 1000} words `).join(''));
const [first, second] = [text.subarray(0, 9000), text.subarray(9000)];
const whole = gzipSync(text);

/** A member whose header has everything that RFC 1952 allows. */
function decorated(bytes: Buffer): Buffer {
  const plain = gzipSync(bytes);
  const header = Buffer.from(plain.subarray(0, 10));
  header[3] = 0x02 | 0x04 | 0x08 | 0x10;
  const extra = Buffer.concat([Buffer.from([3, 1]), Buffer.alloc(0x103, 7)]);
  const before = Buffer.concat([header, extra, Buffer.from('name\0comment\0')]);
  // The header's checksum is half of what gzip would say of it as content.
  const checksum = gzipSync(before).subarray(-8, -6);
  return Buffer.concat([before, checksum, plain.subarray(10)]);
}

function changed(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at < 0 ? copy.length + at : at] = value;
  return copy;
}

/** Decompresses input that comes in pieces into outputs of a size, as the ring's are now and then. */
function gunzipped(input: Buffer, isChecked: boolean, step: number, room: number): Buffer {
  const gunzip = directGunzip(isChecked);
  const made: Buffer[] = [];
  const output = Buffer.alloc(room);
  const take = (): void => {
    for (let got = room; got === room;) {
      got = gunzip.inflate(output);
      made.push(Buffer.from(output.subarray(0, got)));
    }
  };
  try {
    for (let at = 0; at < input.length; at += step) {
      gunzip.feed(input.subarray(at, at + step));
      take();
    }
    gunzip.end();
    take();
    return Buffer.concat(made);
  } finally {
    gunzip.close();
  }
}

const sizes = [
  [1, 1],
  [1, 100_000],
  [7, 64],
  [100_000, 1],
  [100_000, 30],
  [100_000, text.length],
  [100_000, 100_000],
] as const;

describe.each([
  ['by gzip’s own checksum', true],
  ['without gzip’s own checksum', false],
])('gunzip %s', (_, isChecked) => {
  const good: readonly (readonly [string, Buffer, Buffer])[] = [
    ['one member', whole, text],
    ['two members', Buffer.concat([gzipSync(first), gzipSync(second)]), text],
    [
      'members of nothing',
      Buffer.concat([gzipSync(''), gzipSync(first), gzipSync(''), gzipSync(second)]),
      text,
    ],
    ['nothing', gzipSync(''), Buffer.alloc(0)],
    ['zeros behind it', Buffer.concat([whole, Buffer.alloc(1000)]), text],
    ['a header with all that may be in it', Buffer.concat([decorated(first), decorated(second)]), text],
  ];
  it.each(good)('gives the content of %s, however it is cut', (_name, input, expected) => {
    for (const [step, room] of sizes) {
      expect(gunzipped(input, isChecked, step, room).equals(expected)).toBe(true);
    }
  });

  const bad: readonly (readonly [string, string, Buffer])[] = [
    ['layer.truncated', 'nothing at all', Buffer.alloc(0)],
    ['layer.truncated', 'half a header', whole.subarray(0, 5)],
    ['layer.truncated', 'a header alone', whole.subarray(0, 10)],
    ['layer.truncated', 'half the data', whole.subarray(0, 1000)],
    ['layer.truncated', 'data without a trailer', whole.subarray(0, -8)],
    ['layer.truncated', 'half a trailer', whole.subarray(0, -3)],
    ['layer.truncated', 'half a second header', Buffer.concat([whole, whole.subarray(0, 4)])],
    ['layer.corrupt', 'another format', changed(whole, 0, 0x50)],
    ['layer.corrupt', 'another method', changed(whole, 2, 7)],
    ['layer.corrupt', 'unknown flags', changed(whole, 3, 0x80)],
    ['layer.corrupt', 'a block of no known type', changed(whole, 10, 0x07)],
    ['layer.corrupt', 'a wrong length', changed(whole, -1, 0xff)],
    ['layer.corrupt', 'other bytes behind it', Buffer.concat([whole, Buffer.from('more')])],
  ];
  it.each(bad)('says %s of %s', (code, _name, input) => {
    for (const [step, room] of sizes) {
      expect(() => gunzipped(input, isChecked, step, room)).toThrow(expect.objectContaining({ code }));
    }
  });

  it(`${isChecked ? 'refuses' : 'takes'} content with a wrong checksum`, () => {
    const input = changed(whole, -8, (whole.at(-8) ?? 0) ^ 1);
    const attempt = () => gunzipped(input, isChecked, 100_000, 100_000);
    if (isChecked) expect(attempt).toThrow(expect.objectContaining({ code: 'layer.corrupt' }));
    else expect(attempt().equals(text)).toBe(true);
  });
});
