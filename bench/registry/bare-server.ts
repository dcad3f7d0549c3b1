import Fastify from 'fastify';
import pg from 'pg';

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
  const pool = new pg.Pool({ connectionString: postgresUrl, options: `-c search_path=${schema}`, max: 10 });
  const server = Fastify();
  server.get<{ Params: { name: string } }>('/api/v1/projects/:name', async (request, reply) => {
    const { rows } = await pool.query(read, [request.params.name]);
    return rows[0] ?? reply.status(404).send();
  });
  server.put<{ Params: { name: string } }>('/api/v1/projects/:name', async (request) => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query(`select pg_advisory_xact_lock(hashtext(current_schema() || '.revision'))`);
      const { rows } = await client.query<Record<string, unknown>>(read, [request.params.name]);
      const [row] = rows;
      await client.query(
        `update resource_version set valid_to = now() where kind = 'project' and name = $1 and valid_to is null`,
        [request.params.name],
      );
      const inserted = await client.query<Record<string, unknown>>(
        `insert into resource_version (kind, name, version, id, project, revision, valid_from, spec, gone, changed_by, changed_via)
         values ('project', $1, $2, $3, $4, nextval('registry_revision'), now(), $5, false, 'bare', 'bare') returning *`,
        [
          request.params.name,
          Number(row?.['version']) + 1,
          row?.['id'],
          row?.['project'],
          JSON.stringify(request.body),
        ],
      );
      await client.query('commit');
      return inserted.rows[0];
    } finally {
      client.release();
    }
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const address = server.server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
}
