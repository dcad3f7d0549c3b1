import type { ResourceKind } from '#contracts';
import type { StoredResource } from '../domain/stored-resource.js';

/** The columns of `resource_version` that make a `StoredResource`. */
export const columns =
  'kind, id, name, project, version, revision, valid_from, spec, gone, changed_by, changed_via';

/** What a query for `columns` returns. */
export interface ResourceRow {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly name: string;
  readonly project: string | null;
  readonly version: number;
  readonly revision: string;
  readonly valid_from: Date;
  readonly spec: unknown;
  readonly gone: boolean;
  readonly changed_by: string;
  readonly changed_via: string;
}

/** One state of a resource; `spec` is missing where the state is that it was removed. */
export const fromRow = (row: ResourceRow): StoredResource => ({
  kind: row.kind,
  id: row.id,
  name: row.name,
  project: row.project ?? undefined,
  version: row.version,
  revision: Number(row.revision),
  at: row.valid_from.toISOString(),
  by: row.changed_by,
  via: row.changed_via,
  gone: row.gone,
  spec: row.spec ?? undefined,
});
