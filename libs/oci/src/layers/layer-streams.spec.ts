import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { digestOf, LayerLab } from '../testing/layer-lab.js';
import { archive } from '../testing/tar-archive.js';
import { decompress } from './decompress.js';
import { startUnzstd } from './decompress-program.js';
import { isDirectGunzipUsable } from './direct-gunzip.js';
import { gunzip } from './gunzip.js';
import { formatOf, type LayerFormat } from './layer-format.js';
import { findProgram } from './programs.js';
import { ringMemory, RingReader, RingWriter } from './shared-ring.js';

// Text and noise, so that it compresses as layers do.
const content: Buffer = Buffer.concat(Array.from({ length: 40 }, (_, index) => Buffer.from(noise(index))));
const tar = archive({ name: 'a', data: content }, { name: 'b', data: 'last' });
const zstdProgram = findProgram('zstd');

function noise(seed: number): string {
  let state = seed + 1;
  const words = Array.from({ length: 600 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state.toString(36);
  });
  return words.join(' ');
}

/** Bytes made of zstd frames that hold the text as it is: needs no encoder. */
function rawZstd(bytes: Buffer): Buffer<ArrayBuffer> {
  const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3])];
  for (let at = 0; at < bytes.length; at += 100_000) {
    const piece = bytes.subarray(at, at + 100_000);
    const header = Buffer.alloc(3);
    header.writeUIntLE((piece.length << 3) | (at + 100_000 >= bytes.length ? 1 : 0), 0, 3);
    parts.push(header, piece);
  }
  return Buffer.concat(parts);
}

const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const half = tar.length / 2;

describe('layers as streams', () => {
  let lab: LayerLab;
  beforeEach(() => {
    lab = new LayerLab();
  });
  afterEach(() => lab.remove());

  const whole: readonly (readonly [string, Buffer])[] = [
    ['plain tar', tar],
    ['gzip', gzipSync(tar)],
    ['gzip of two members', Buffer.concat([gzipSync(tar.subarray(0, half)), gzipSync(tar.subarray(half))])],
    ['gzip with an empty member', Buffer.concat([gzipSync(tar), gzipSync(Buffer.alloc(0))])],
    ['gzip with trailing zeros', Buffer.concat([gzipSync(tar), Buffer.alloc(3000)])],
    ['zstd', rawZstd(tar)],
    [
      'zstd of two frames with skippable ones, as zstd:chunked has',
      Buffer.concat([skippable, rawZstd(tar.subarray(0, half)), rawZstd(tar.subarray(half)), skippable]),
    ],
  ];

  it.each(whole)('reads %s, whatever the media type says', async (_, blob) => {
    const layer = lab.blob(blob, { diffId: digestOf(tar), mediaType: 'text/plain' });
    const { files, bytes } = await lab.flatten([layer]);
    expect([files, bytes]).toEqual([2, content.length + 4]);
  });

  const broken: readonly (readonly [string, string, Buffer])[] = [
    ['gzip, cut in its data', 'layer.truncated', gzipSync(tar).subarray(0, 500)],
    ['gzip, cut in its trailer', 'layer.truncated', gzipSync(tar).subarray(0, -4)],
    ['gzip, cut in its header', 'layer.truncated', gzipSync(tar).subarray(0, 5)],
    ['gzip with a wrong checksum', 'layer.corrupt', patched(gzipSync(tar), -8)],
    ['gzip with wrong data', 'layer.corrupt', patched(gzipSync(tar), 300)],
    ['zstd, cut', 'layer.truncated', rawZstd(tar).subarray(0, 5000)],
    ['zstd with an invalid block', 'layer.corrupt', patched(rawZstd(tar), 6, 0x06)],
    ['plain tar, cut', 'layer.truncated', tar.subarray(0, 2000)],
    ['text', 'layer.truncated', Buffer.from('<html>not found</html>')],
    ['xz', 'layer.compression_unsupported', Buffer.from('fd377a585a0000', 'hex')],
  ];

  it.each(broken)('refuses %s: %s', async (_, code, blob) => {
    await expect(lab.flatten([lab.blob(blob)])).rejects.toMatchObject({ code, temporary: false });
  });

  it('refuses a layer whose uncompressed digest is not what the configuration says', async () => {
    const layer = lab.blob([{ name: 'a' }], { diffId: digestOf(Buffer.from('other')) });
    await expect(lab.flatten([layer])).rejects.toMatchObject({
      code: 'layer.diff_id_mismatch',
      temporary: false,
    });
  });

  it('verifies a digest that is right, hidden entries and padding included', async () => {
    const layer = [{ name: 'a', data: 'x' }, Buffer.alloc(10_240)];
    await expect(lab.flatten([layer, [{ name: '.wh.a' }]])).resolves.toMatchObject({ files: 0 });
  });

  it('reads zstd of a real encoder without its program', async () => {
    // Without such an encoder the frames above have to do.
    const encoded =
      zstdProgram === undefined
        ? rawZstd(content)
        : Buffer.from(spawnSync(zstdProgram, ['-19', '-c'], { input: content }).stdout);
    const path = join(lab.directory, 'zstd');
    writeFileSync(path, encoded);
    expect(await digestThroughRing(path, 'zstd')).toBe(digestOf(content));
  });

  describe('without a program that does it faster', () => {
    const compressed = [...whole.map(([name, blob]) => [name, '', blob] as const), ...broken];
    it.each(compressed.filter(([name]) => /^(gzip|zstd)/.test(name)))(
      'says the same of %s: %s',
      async (name, code, blob) => {
        const path = join(lab.directory, 'blob');
        writeFileSync(path, blob);
        const digest = digestThroughRing(path, name.startsWith('gzip') ? 'gzip' : 'zstd');
        if (code === '') await expect(digest).resolves.toBe(digestOf(tar));
        else await expect(digest).rejects.toMatchObject({ code, temporary: false });
      },
    );
  });

  it('calls zlib without a stream between, which every Node that is supported allows', () => {
    expect(isDirectGunzipUsable()).toBe(true);
  });

  describe('through zlib’s streams, for a Node that does not', () => {
    const gzips = [...whole.map(([name, blob]) => [name, '', blob] as const), ...broken];
    it.each(gzips.filter(([name]) => name.startsWith('gzip')))(
      'says the same of %s: %s',
      async (_, code, blob) => {
        const path = join(lab.directory, 'blob');
        writeFileSync(path, blob);
        const pieces: Buffer[] = [];
        const read = gunzip(path, (piece) => void pieces.push(Buffer.from(piece)));
        if (code !== '') return expect(read).rejects.toMatchObject({ code, temporary: false });
        await read;
        expect(Buffer.concat(pieces).equals(tar)).toBe(true);
      },
    );
  });

  it('uses a program for zstd exactly where it is installed', () => {
    const path = join(lab.directory, 'blob');
    writeFileSync(path, randomBytes(600 * 1024));
    const program = startUnzstd(path);
    expect(program !== undefined).toBe(zstdProgram !== undefined);
    program?.close();
  });

  it('starts no program for a blob that is decompressed before the program is there', () => {
    const path = join(lab.directory, 'blob');
    writeFileSync(path, rawZstd(tar.subarray(0, 2000)));
    expect(startUnzstd(path)).toBeUndefined();
  });

  it('stops at once when cancelled, while it waits for a blob or unpacks one', async () => {
    const controller = new AbortController();
    const never = lab.blob([{ name: 'a' }], { ready: () => new Promise<string>(() => undefined) });
    const waiting = lab.flatten([never], { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'flatten.cancelled', temporary: true });
    await lab.remove();
    lab = new LayerLab();
    const large = Array.from({ length: 20_000 }, (_, index) => ({ name: `d/${index}`, data: 'x' }));
    const unpacking = new AbortController();
    const running = lab.flatten([large], {
      signal: unpacking.signal,
      onProgress: () => unpacking.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: 'flatten.cancelled' });
  });

  it('hands on the error of a blob that cannot be had', async () => {
    const error = new Error('no such blob');
    const layer = lab.blob([], { ready: () => Promise.reject(error) });
    await expect(lab.flatten([layer])).rejects.toBe(error);
  });

  it('asks for the blobs from the top one down and unpacks while lower ones are on their way', async () => {
    const order: string[] = [];
    const layers = [[{ name: 'a' }], [{ name: 'b' }]].map((entries, index) => {
      const blob = lab.blob(entries);
      return lab.blob(entries, {
        ready: () => {
          order.push(`layer ${index}`);
          return blob.ready();
        },
      });
    });
    await lab.flatten(layers);
    expect(order).toEqual(['layer 1', 'layer 0']);
  });
});

describe('formatOf', () => {
  it('goes by the first bytes', () => {
    expect(formatOf(Buffer.from([0x1f, 0x8b, 8]))).toBe('gzip');
    expect(formatOf(skippable)).toBe('zstd');
    expect(formatOf(Buffer.alloc(0))).toBe('tar');
  });
});

function patched(bytes: Buffer, at: number, value?: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = value ?? (copy[index] ?? 0) ^ 0xff;
  return copy;
}

/** Decompresses through a ring that holds all of it, so that one thread can do both. */
async function digestThroughRing(path: string, format: LayerFormat): Promise<string> {
  const memory = ringMemory(1024 * 1024);
  const into = Buffer.alloc(
    await decompress({ path, format, isChecked: true, maxBytes: 1e9 }, new RingWriter(memory)),
  );
  const reader = new RingReader(memory);
  for (let at = 0; at < into.length;) at += reader.read(into, at, into.length - at);
  return digestOf(into);
}
