import { connect, createServer, type Socket } from 'node:net';
import { isolatedSchema, waitFor } from '#lab';
import { Client } from 'pg';
import { listenOnFreePort } from '#embedded';
import { channelOf, Signals } from './signals.js';

// Real: PostgreSQL, behind a way that lets nothing through any more without closing, as a firewall that forgets does.
describe('signals of the database', () => {
  it('are heard again after their connection fell silent without a word', async () => {
    const { url } = await isolatedSchema(import.meta.url);
    const to = new URL(url);
    const ways: { readonly from: Socket; readonly there: Socket }[] = [];
    const server = createServer((from) => {
      const there = connect(Number(to.port), to.hostname);
      for (const socket of [from, there]) socket.on('error', () => undefined);
      from.pipe(there).pipe(from);
      ways.push({ from, there });
    });
    const port = await listenOnFreePort(server);
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(port);
    const heard: (string | undefined)[] = [];
    const channel = channelOf('signals', 's'.repeat(63));
    const warnings: string[] = [];
    const log = { warn: (_: object, text: string) => void warnings.push(text) };
    const signals = new Signals({ url: through.href, channel, heard: (word) => heard.push(word), log });
    const direct = new Client({ connectionString: url });
    await direct.connect();
    try {
      signals.start();
      await waitFor(() => heard.length === 1, { what: 'the signals to listen' });
      await direct.query(`select pg_notify('${channel}', 'one')`);
      await waitFor(() => heard.includes('one'), { what: 'a signal' });
      for (const { from, there } of ways) {
        from.unpipe(there);
        there.unpipe(from);
      }
      await direct.query(`select pg_notify('${channel}', 'two')`);
      // What was not heard meanwhile may have been anything.
      await waitFor(() => heard.length === 3, { what: 'it to be told to look at all', deadlineMs: 60_000 });
      expect(heard).toEqual([undefined, 'one', undefined]);
      expect(warnings).toEqual(['other copies are not heard; connecting again']);
      await direct.query(`select pg_notify('${channel}', 'three')`);
      await waitFor(() => heard.includes('three'), { what: 'a signal after it' });
    } finally {
      for (const { from, there } of ways) {
        from.destroy();
        there.destroy();
      }
      await signals.close();
      await direct.end();
      await new Promise((resolve) => server.close(resolve));
    }
  }, 120_000);
});
