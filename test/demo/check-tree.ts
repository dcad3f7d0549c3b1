import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { type Expected } from './demo-image.js';

/** Every way in which the directory is not what the image says; none when it is right. */
export function treeFaults(root: string, expected: ReadonlyMap<string, Expected>): string[] {
  const faults = [...expected].flatMap(([path, what]) => faultAt(root, path, what));
  const ours = new Set([...expected.keys()].map((path) => path.split('/')[0]));
  // Start-up files and bind points are added at the top; inside the image's own directories nothing else may be.
  const strangers = filesBelow(root, '').filter((path) => {
    const [top = '', ...rest] = path.split('/');
    return ours.has(top) && rest.length > 0 && !expected.has(path) && !isMountPoint(root, path);
  });
  return [...faults, ...strangers.map((path) => `${path} is there, and no layer has it`)];
}

/** Apptainer mounts the host's files onto these; they are added empty where an image has none. */
function isMountPoint(root: string, path: string): boolean {
  const known = ['etc/group', 'etc/hosts', 'etc/localtime', 'etc/passwd', 'etc/resolv.conf'];
  return known.includes(path) && statOf(join(root, path))?.size === 0;
}

function faultAt(root: string, path: string, what: Expected): string[] {
  const stats = statOf(join(root, path));
  if (what.kind === 'nothing') return stats === undefined ? [] : [`${path} is there, but ${what.why}`];
  if (stats === undefined) return [`${path} is missing`];
  if (what.kind === 'link') {
    const target = stats.isSymbolicLink() ? readlinkSync(join(root, path)) : undefined;
    return target === what.target ? [] : [`${path} does not link to ${what.target}`];
  }
  if (!stats.isFile()) return [`${path} is no file`];
  const content = createHash('sha256')
    .update(readFileSync(join(root, path)))
    .digest('hex');
  return [
    ...(content === what.sha256 ? [] : [`${path} has another content`]),
    ...((stats.mode & 0o777) === what.mode ? [] : [`${path} has mode ${(stats.mode & 0o777).toString(8)}`]),
    ...(what.sameAs === undefined || statOf(join(root, what.sameAs))?.ino === stats.ino
      ? []
      : [`${path} is no hard link to ${what.sameAs}`]),
  ];
}

/** Paths of everything that is no directory, relative to the root. */
function filesBelow(root: string, path: string): string[] {
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    const below = path === '' ? entry.name : `${path}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(root, below) : [below];
  });
}

/** The tree as a person would draw it: one line per entry, with sizes and links' targets. */
export function treeListing(root: string, indent = ''): string[] {
  return readdirSync(root, { withFileTypes: true })
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap((entry) => {
      const path = join(root, entry.name);
      if (entry.isDirectory()) return [`${indent}${entry.name}/`, ...treeListing(path, `${indent}  `)];
      if (entry.isSymbolicLink()) return [`${indent}${entry.name} -> ${readlinkSync(path)}`];
      return [`${indent}${entry.name}  ${lstatSync(path).size} bytes`];
    });
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
