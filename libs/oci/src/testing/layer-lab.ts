import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { LayerBlob } from '../image-source.js';
import { discardTree } from '../tree/discard-tree.js';
import { flatten, type FlattenOptions, type FlattenResult } from '../tree/flatten.js';
import { archive, type EntryOptions } from './tar-archive.js';

/** A layer as a test writes it: entries of an archive, or bytes that may be no archive at all. */
export type LayerContent = readonly (EntryOptions | Buffer)[] | Buffer;

/** A private directory with blobs, a target and a stranger's file that no image may touch. */
export class LayerLab {
  readonly directory = fs.mkdtempSync(join(tmpdir(), 'slipway-layers-'));
  readonly target = join(this.directory, 'tree');
  /** Stands for the host: has a file `secret`. */
  readonly outside = join(this.directory, 'outside');
  private blobs = 0;

  constructor() {
    fs.mkdirSync(this.outside);
    fs.writeFileSync(join(this.outside, 'secret'), 'untouched');
  }

  /** A blob of these bytes or, compressed by gzip, of an archive of these entries. */
  blob(content: LayerContent, overrides: Partial<LayerBlob> = {}): LayerBlob {
    const tar = Buffer.isBuffer(content) ? undefined : archive(...content);
    const bytes = Buffer.isBuffer(content) ? content : gzipSync(archive(...content), { level: 1 });
    const path = join(this.directory, `blob-${this.blobs++}`);
    fs.writeFileSync(path, bytes);
    return {
      digest: digestOf(bytes),
      ...(tar === undefined ? {} : { diffId: digestOf(tar) }),
      size: bytes.length,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      ready: () => Promise.resolve(path),
      ...overrides,
    };
  }

  /** Flattens layers, bottom first, into the target. */
  flatten(
    layers: readonly (LayerContent | LayerBlob)[],
    options: Partial<FlattenOptions> = {},
  ): Promise<FlattenResult> {
    return flatten({
      layers: layers.map((layer) => ('ready' in layer ? layer : this.blob(layer))),
      target: this.target,
      owners: 'mine',
      ...options,
    });
  }

  /** Flattens and lists the tree. */
  async tree(...layers: readonly (LayerContent | LayerBlob)[]): Promise<Record<string, string>> {
    await this.flatten(layers);
    return listTree(this.target);
  }

  /** What stands outside the target, but for the blobs. */
  strangers(): Record<string, string> {
    const all = listTree(this.directory);
    return Object.fromEntries(Object.entries(all).filter(([path]) => !/^(blob-|tree(\/|$))/.test(path)));
  }

  async remove(): Promise<void> {
    await discardTree(this.directory);
  }
}

/** What a listing of the lab says of the stranger's file as long as nothing was written through to it. */
export const untouched = { outside: 'directory', 'outside/secret': 'file untouched' };

/** Every path of a tree with what it is; names that are not UTF-8 as one character for each byte. */
export function listTree(top: string): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (directory: Buffer, prefix: string): void => {
    const names = fs.readdirSync(directory, 'buffer').sort((a, b) => Buffer.compare(a, b));
    for (const name of names) {
      const path = Buffer.concat([directory, Buffer.from('/'), name]);
      const shown = prefix + name.toString('latin1');
      const stats = fs.lstatSync(path);
      found[shown] = describeNode(path, stats);
      if (stats.isDirectory()) walk(path, `${shown}/`);
    }
  };
  walk(Buffer.from(top), '');
  return found;
}

function describeNode(path: Buffer, stats: fs.Stats): string {
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return `link ${fs.readlinkSync(path)}`;
  if (stats.isFIFO()) return 'fifo';
  if (!stats.isFile()) return 'special';
  if (stats.size > 200) return `file of ${stats.size}`;
  return `file ${fs.readFileSync(path).toString('latin1')}`;
}

/** The digest of a layer's bytes (OCI image specification, SHA-256). */
export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Every path of a tree with what it is, its mode and its time. */
export function describeTree(top: string): Record<string, string> {
  const described = Object.entries(listTree(top)).map(([path, shown]) => {
    const stats = fs.lstatSync(Buffer.from(`${Buffer.from(top).toString('latin1')}/${path}`, 'latin1'));
    if (stats.isSymbolicLink()) return [path, shown] as const;
    return [path, `${shown} ${(stats.mode & 0o7777).toString(8)} ${stats.mtimeMs / 1000}`] as const;
  });
  return Object.fromEntries(described);
}
