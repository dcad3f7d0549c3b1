import { randomUUID } from 'node:crypto';
import type { Change } from '../src/change.js';

/** A change of a project, as an announcement or a page brings it. */
export function projectChange(revision: number, name: string, more: Partial<Change> = {}): Change {
  const spec = {
    name,
    kind: 'repository',
    url: `https://git.example.org/${name}`,
    description: `r${revision}`,
  };
  return {
    kind: 'project',
    id: randomUUID(),
    name,
    version: 1,
    revision,
    at: '2026-01-01T00:00:00.000Z',
    by: 'a test',
    gone: false,
    ...(more.gone ? {} : { spec }),
    ...more,
  };
}
