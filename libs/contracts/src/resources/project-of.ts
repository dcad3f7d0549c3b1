import type { Reference } from './define-resource.js';

/** The reference that a field `project` makes, where it is set. */
export const projectOf = (project: string | undefined): readonly Reference[] =>
  project === undefined ? [] : [{ kind: 'project', name: project, path: ['project'] }];
