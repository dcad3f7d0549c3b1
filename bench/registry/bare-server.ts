import Fastify from 'fastify';
import { Pool } from 'pg';
import { freePort } from '#embedded';

/** What the bare service is told. */
export interface BareOptions {
  readonly postgresUrl: string;
  readonly schema: string;
}

process.once('message', (options: BareOptions) => void start(options));
process.once('disconnect', () => process.exit());

const read = `select kind, id, name, project, version, revision, valid_from, spec, gone, changed_by, changed_via
  from resource_version where kind = 'project' and name = $1 and valid_to is null`;

/** The same statements on the same tables, with nothing around them: no checks, no access, no audit trail. */
async function start({ postgresUrl, schema }: BareOptions): Promise<void> {
  const pool = new Pool({ connectionString: postgresUrl, options: `-c search_path=${schema}`, max: 10 });
  const server = Fastify();
  server.get<Named>('/api/v1/projects/:name', (request) => reading(pool, request.params.name));
  server.put<Named>('/api/v1/projects/:name', (request) => changing(pool, request.params.name, request.body));
  const port = await freePort();
  await server.listen({ host: '127.0.0.1', port });
  process.send?.({ port });
}

interface Named {
  readonly Params: { readonly name: string };
}

type Found = Readonly<Record<string, unknown>>;

async function reading(pool: Pool, name: string): Promise<Found | undefined> {
  const { rows } = await pool.query<Found>(read, [name]);
  return rows[0];
}

async function changing(pool: Pool, name: string, spec: unknown): Promise<Found | undefined> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(hashtext(current_schema() || '.revision'))`);
    const { rows } = await client.query<Found>(read, [name]);
    const [row] = rows;
    await client.query(
      `update resource_version set valid_to = now() where kind = 'project' and name = $1 and valid_to is null`,
      [name],
    );
    const inserted = await client.query<Found>(
      `insert into resource_version (kind, name, version, id, project, revision, valid_from, spec, gone, changed_by, changed_via)
       values ('project', $1, $2, $3, $4, nextval('registry_revision'), now(), $5, false, 'bare', 'bare') returning *`,
      [name, Number(row?.['version']) + 1, row?.['id'], row?.['project'], JSON.stringify(spec)],
    );
    await client.query('commit');
    return inserted.rows[0];
  } finally {
    client.release();
  }
}
