/** What the monitor's edge is measured beside: Fastify and node-postgres that do the least that the calls ask for. */
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import fastify from 'fastify';
import { Pool } from 'pg';
import { freePort } from '#embedded';

/** What the parent sends. */
export interface BareEdge {
  readonly url: string;
  readonly attempts: readonly string[];
}

const deflating = promisify(deflateRaw);

process.on('message', ({ url, attempts }: BareEdge) => {
  void serve(url, attempts);
});

async function serve(url: string, attempts: readonly string[]): Promise<void> {
  const pool = new Pool({ connectionString: url, max: 10 });
  await pool.query(`
    drop schema if exists bare cascade; create schema bare;
    create table bare.attempt (id uuid primary key, session text, cancel jsonb, bytes bigint default 0, lines bigint default 0);
    create table bare.life (id uuid primary key, alive_at timestamptz);
    create table bare.chunk (id uuid, start bigint, body bytea, primary key (id, start))`);
  await pool.query('insert into bare.attempt (id) select unnest($1::uuid[])', [attempts]);
  const server = fastify();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const root = '/worker/v1/attempts/:id';
  server.post<{ Params: { id: string } }>(`${root}/heartbeat`, async ({ params: { id } }) => {
    await pool.query({
      name: 'find',
      text: 'select session, cancel from bare.attempt where id = $1',
      values: [id],
    });
    await pool.query({
      name: 'alive',
      text: 'insert into bare.life values ($1, now()) on conflict (id) do update set alive_at = now()',
      values: [id],
    });
    return 'action=continue\n';
  });
  server.put<{ Params: { id: string }; Querystring: { offset: string }; Body: Buffer }>(
    `${root}/log`,
    async ({ params: { id }, query: { offset }, body }) => {
      await pool.query({
        name: 'find',
        text: 'select session, cancel from bare.attempt where id = $1',
        values: [id],
      });
      const packed = await deflating(body, { level: 1 });
      await pool.query({
        name: 'append',
        text: `with moved as (update bare.attempt set bytes = bytes + $3 where id = $1 and bytes = $2 returning 1)
               insert into bare.chunk select $1, $2, $4 from moved`,
        values: [id, offset, body.length, packed],
      });
      return `action=continue\nnext=${Number(offset) + body.length}\n`;
    },
  );
  const port = await freePort();
  await server.listen({ host: '127.0.0.1', port });
  process.send?.({ port });
}
