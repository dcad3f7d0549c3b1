import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';

const maxLength = 60;
const projectRoot = new URL('../../', import.meta.url);

/**
 * A name from a test file's path (or `import.meta.url`): the same in every run, so that a stranger sees which test left
 * something, and fit for a vhost, a schema and a directory. Other characters become `_`; what is too long loses its
 * beginning and gets a hash.
 */
export function derivedName(testPath: string, separator = '_'): string {
  const path = testPath.startsWith('file:') ? fileURLToPath(testPath) : testPath;
  const root = fileURLToPath(projectRoot);
  const relative = path.startsWith(root) ? path.slice(root.length) : path;
  const name = relative
    .replace(/(\.spec)?\.[jt]s$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, separator);
  if (name.length <= maxLength) return `t_${name}`;
  const hash = createHash('sha256').update(relative).digest('hex').slice(0, 8);
  return `t_${hash}_${name.slice(-(maxLength - 9))}`;
}
