import { permanent } from '#errors';
import type { ByteString } from './byte-string.js';
import { paxInteger, paxTime, type PaxRecords } from './pax-records.js';
import { paxSparse, type PaxSparse } from './sparse-map.js';
import type { TarEntry, TarEntryType } from './tar-entry.js';
import type { TarHeader } from './tar-header.js';

/** What stood before a header and speaks about it. */
export interface Extensions {
  readonly global: PaxRecords;
  readonly local: PaxRecords;
  /** GNU long name (type `L`) and long link (type `K`). */
  readonly longName: ByteString | undefined;
  readonly longLink: ByteString | undefined;
}

/** Of an entry before which nothing stands; local ones count for one entry alone. */
export const noExtensions: Extensions = {
  global: [],
  local: [],
  longName: undefined,
  longLink: undefined,
};

/** A header with its extensions applied, and what its PAX records say about holes. */
export interface ExtendedEntry {
  readonly entry: TarEntry;
  readonly paxSparse: PaxSparse | undefined;
}

const types: Readonly<Record<string, TarEntryType>> = {
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
};

/** Octal size fields end here; beyond it a header cannot state its size and may state anything. */
const octalSizeLimit = 8 ** 11;

/** Applies extensions as Go's archive/tar and GNU tar do, and refuses where those two would read different things. */
export function applyExtensions(header: TarHeader, extensions: Extensions): ExtendedEntry {
  if (extensions === noExtensions) {
    return { entry: plainEntry(header), paxSparse: undefined };
  }
  const records = [...extensions.global, ...extensions.local];
  const pax = new Map(records);
  const sparse = paxSparse(extensions.local);
  const path = oneOf('name', pax.get('path'), extensions.longName) ?? header.path;
  const linkPath = oneOf('link', pax.get('linkpath'), extensions.longLink) ?? header.linkPath;
  const type = typeOf(header.flag, path);
  const size = sizeOf(header, stated(pax, 'size'));
  const entry: TarEntry = {
    type,
    path: verifyName(sparse?.name ?? path),
    linkPath: verifyLink(type, linkPath),
    mode: header.mode,
    uid: ownerOf(stated(pax, 'uid'), 'uid', header.uid),
    gid: ownerOf(stated(pax, 'gid'), 'gid', header.gid),
    mtime: timeOf(stated(pax, 'mtime'), header.mtime),
    size: type === 'file' ? size : 0,
    stored: type === 'file' ? size : 0,
    sparse: undefined,
    deviceMajor: header.deviceMajor,
    deviceMinor: header.deviceMinor,
    xattrs: xattrsOf(pax),
  };
  return { entry, paxSparse: sparse };
}

function plainEntry(header: TarHeader): TarEntry {
  const type = typeOf(header.flag, header.path);
  const size = type === 'file' ? verifySize(header.size) : 0;
  return {
    type,
    path: verifyName(header.path),
    linkPath: verifyLink(type, header.linkPath),
    mode: header.mode,
    uid: verifyOwner('uid', header.uid),
    gid: verifyOwner('gid', header.gid),
    mtime: header.mtime,
    size,
    stored: size,
    sparse: undefined,
    deviceMajor: header.deviceMajor,
    deviceMinor: header.deviceMinor,
    xattrs: undefined,
  };
}

function typeOf(flag: string, path: ByteString): TarEntryType {
  if (flag === '\0') return path.endsWith('/') ? 'directory' : 'file';
  const type = types[flag];
  if (type === undefined) {
    throw permanent('layer.entry_type_unknown', `the layer holds an entry of type ${JSON.stringify(flag)}`);
  }
  return type;
}

/** An empty PAX value takes the keyword back: the header's own field counts again. */
function stated(pax: ReadonlyMap<string, string>, key: string): string | undefined {
  const value = pax.get(key);
  return value === '' ? undefined : value;
}

function oneOf(
  what: string,
  pax: ByteString | undefined,
  gnu: ByteString | undefined,
): ByteString | undefined {
  if (pax === undefined || pax === '') return gnu;
  if (gnu !== undefined && gnu !== pax) {
    throw permanent('layer.header_contradicts', `an entry's PAX and GNU headers give it a different ${what}`);
  }
  return pax;
}

function sizeOf(header: TarHeader, pax: string | undefined): number {
  if (pax === undefined) return verifySize(header.size);
  const size = verifySize(paxInteger('size', pax));
  if (header.size !== 0 && header.size !== size && size < octalSizeLimit) {
    throw permanent(
      'layer.header_contradicts',
      `an entry's PAX header says ${size} bytes and its own header ${header.size}`,
    );
  }
  return size;
}

function verifySize(size: number): number {
  if (size < 0) throw permanent('layer.tar_invalid', 'an entry has a negative size');
  return size;
}

function ownerOf(pax: string | undefined, key: string, fallback: number): number {
  return verifyOwner(key, pax === undefined ? fallback : paxInteger(key, pax));
}

/** -1 would mean "leave as it is" to chown. */
const largestOwner = 0xffff_fffe;

function verifyOwner(key: string, value: number): number {
  if (value < 0 || value > largestOwner) {
    throw permanent('layer.tar_invalid', `an entry has the ${key} ${value}`);
  }
  return value;
}

function timeOf(pax: string | undefined, fallback: number): number {
  return pax === undefined ? fallback : paxTime('mtime', pax);
}

function verifyName(path: ByteString): ByteString {
  if (path.includes('\0')) {
    throw permanent('layer.name_invalid', 'an entry has a name with a NUL in it');
  }
  if (path === '') throw permanent('layer.name_invalid', 'an entry has no name');
  return path;
}

function verifyLink(type: TarEntryType, linkPath: ByteString): ByteString {
  if (type !== 'link' && type !== 'symlink') return '';
  if (linkPath.includes('\0') || linkPath === '') {
    throw permanent('layer.link_invalid', 'a link has no target, or one with a NUL in it');
  }
  return linkPath;
}

const xattrPrefix = 'SCHILY.xattr.';

function xattrsOf(pax: ReadonlyMap<string, string>): TarEntry['xattrs'] {
  let xattrs: Map<string, string> | undefined;
  for (const [key, value] of pax) {
    if (!key.startsWith(xattrPrefix)) continue;
    xattrs ??= new Map();
    xattrs.set(key.slice(xattrPrefix.length), value);
  }
  return xattrs;
}
