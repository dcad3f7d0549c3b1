import { readFileSync } from 'node:fs';

/**
 * Whether something is mounted exactly at `point`, and how; the last mount there counts, as it hides the others.
 * `mountinfo` is the kernel's list, see proc_pid_mountinfo(5).
 */
export function mountState(mountinfo: string, point: string): 'none' | 'read-only' | 'writable' {
  const mount = readFileSync(mountinfo, 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .findLast((fields) => fields[4] !== undefined && unescape(fields[4]) === point);
  if (mount === undefined) return 'none';
  const superOptions = mount.at(-1) ?? '';
  const options = [mount[5] ?? '', superOptions].map((list) => list.split(','));
  return options.some((list) => list.includes('ro')) ? 'read-only' : 'writable';
}

/** The kernel writes space, tab, newline and backslash as octal numbers. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
