import type { ResourceKind } from '#contracts';
import type { EntityManager } from 'typeorm';
import type { StoredResource } from '../domain/stored-resource.js';
import { columns, fromRow, type ResourceRow } from './resource-row.js';

/** Which resources are listed, page by page; `scope` is what who asks may see. */
export interface ResourceQuery {
  readonly kind: ResourceKind;
  readonly limit: number;
  /** The name that the page before ended with. */
  readonly after?: string | undefined;
  /** What the name holds. */
  readonly q?: string | undefined;
  readonly project?: string | undefined;
  /** As it was then; now unless told. */
  readonly at?: Date | undefined;
  /** Of these projects only, and where so `house`, of none; all unless told. */
  readonly scope?: { readonly projects: readonly string[] | undefined; readonly house: boolean } | undefined;
}

/** The resources of a kind by name. */
export async function listResources(
  manager: Pick<EntityManager, 'query'>,
  query: ResourceQuery,
): Promise<readonly StoredResource[]> {
  const parameters: unknown[] = [query.kind];
  const placeholder = (value: unknown): string => `$${parameters.push(value)}`;
  const conditions = ['kind = $1', 'not gone', timeCondition(query.at, placeholder)];
  if (query.after !== undefined) conditions.push(`name > ${placeholder(query.after)}`);
  if (query.q !== undefined) conditions.push(`strpos(name, ${placeholder(query.q.toLowerCase())}) > 0`);
  if (query.project !== undefined) conditions.push(`project = ${placeholder(query.project)}`);
  if (query.scope?.projects) {
    const ofThese = `project = any(${placeholder(query.scope.projects)})`;
    conditions.push(query.scope.house ? `(${ofThese} or project is null)` : ofThese);
  }
  const rows = await manager.query<ResourceRow[]>(
    `select ${columns} from resource_version where ${conditions.join(' and ')}
     order by name limit ${placeholder(query.limit)}`,
    parameters,
  );
  return rows.map(fromRow);
}

function timeCondition(at: Date | undefined, placeholder: (value: unknown) => string): string {
  if (at === undefined) return 'valid_to is null';
  const time = placeholder(at);
  return `valid_from <= ${time} and (valid_to is null or valid_to > ${time})`;
}
