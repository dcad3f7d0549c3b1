import type { AuditEntry } from '#api';
import type { DataSource, EntityManager } from 'typeorm';
import type { Author } from '../domain/stored-resource.js';

/** What somebody did. Never a secret. */
export interface Deed {
  readonly author: Author;
  /** In the past: `created`, `changed`, `removed`, `rotated`, …. */
  readonly action: string;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly project?: string | undefined;
  readonly version?: number | undefined;
  /** Which fields changed, dotted. */
  readonly fields?: readonly string[];
  readonly detail?: string | undefined;
}

/** Which entries are listed, page by page; what is not told does not narrow them. */
export interface DeedQuery {
  readonly limit: number;
  /** Older than this entry. */
  readonly before?: number | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly project?: string | undefined;
  readonly by?: string | undefined;
  readonly action?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** The audit trail: who did what, and when. Only ever added to. */
export class AuditStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Within the transaction that does it: what is not committed was not done. */
  async record(manager: EntityManager, deed: Deed): Promise<void> {
    await manager.query(
      `insert into audit_entry (changed_by, changed_via, action, kind, name, project, version, fields, detail)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        deed.author.by,
        deed.author.via,
        deed.action,
        deed.kind ?? null,
        deed.name ?? null,
        deed.project ?? null,
        deed.version ?? null,
        deed.fields ?? [],
        deed.detail ?? null,
      ],
    );
  }

  /** The latest first. */
  async list(query: DeedQuery): Promise<readonly AuditEntry[]> {
    const parameters: unknown[] = [];
    const conditions = Object.entries(conditionOf).flatMap(([field, condition]) => {
      const value = query[field as keyof typeof conditionOf];
      return value === undefined ? [] : [condition(`$${parameters.push(value)}`)];
    });
    const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
    const rows = await this.dataSource.query<AuditRow[]>(
      `select id, at, changed_by, changed_via, action, kind, name, project, version, fields, detail
       from audit_entry ${where} order by id desc limit $${parameters.push(query.limit)}`,
      parameters,
    );
    return rows.map(fromRow);
  }
}

const conditionOf = {
  before: (value: string) => `id < ${value}`,
  kind: (value: string) => `kind = ${value}`,
  name: (value: string) => `name = ${value}`,
  project: (value: string) => `project = ${value}`,
  by: (value: string) => `changed_by = ${value}`,
  action: (value: string) => `action = ${value}`,
  since: (value: string) => `at >= ${value}`,
  until: (value: string) => `at <= ${value}`,
};

interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly changed_by: string;
  readonly changed_via: string;
  readonly action: string;
  readonly kind: string | null;
  readonly name: string | null;
  readonly project: string | null;
  readonly version: number | null;
  readonly fields: string[];
  readonly detail: string | null;
}

const fromRow = (row: AuditRow): AuditEntry => ({
  id: Number(row.id),
  at: row.at.toISOString(),
  by: row.changed_by,
  via: row.changed_via,
  action: row.action,
  ...(row.kind !== null && { kind: row.kind }),
  ...(row.name !== null && { name: row.name }),
  ...(row.project !== null && { project: row.project }),
  ...(row.version !== null && { version: row.version }),
  fields: row.fields,
  ...(row.detail !== null && { detail: row.detail }),
});
