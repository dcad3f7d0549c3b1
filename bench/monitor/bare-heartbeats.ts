/** The peer: the least that takes a heartbeat: Fastify, a look at the row, an update of it. */
import Fastify from 'fastify';
import { Pool } from 'pg';

process.once('message', ({ url }: { readonly url: string }) => void serve(url));

async function serve(url: string): Promise<void> {
  const pool = new Pool({ connectionString: url, max: 10 });
  const server = Fastify();
  server.addContentTypeParser('*', (_request, _body, done) => done(null));
  server.post<{ Params: { id: string } }>('/worker/v1/attempts/:id/heartbeat', async (request, reply) => {
    const { id } = request.params;
    await pool.query({ name: 'look', text: 'select id from bare_life where id = $1', values: [id] });
    await pool.query({
      name: 'beat',
      text: 'update bare_life set alive_at = now() where id = $1',
      values: [id],
    });
    await reply.type('text/plain').send('action=continue\n');
  });
  process.send?.({ url: await server.listen({ port: 0, host: '127.0.0.1' }) });
}
