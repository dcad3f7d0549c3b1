import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '#embedded';
import { isolatedSchema } from '#lab';
import { openDatabase } from './open-database.js';
import { openServiceDatabase } from './service-database.js';

const storage = { entities: [], migrations: [] };

// Real: PostgreSQL, behind a port that only listens once it was missed.
describe("a service's database", () => {
  it('is waited for, and is part of whether the process is ready', async () => {
    const { url, schema } = await isolatedSchema(import.meta.url);
    const there = new URL(url);
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(await freePort());
    const sockets: Socket[] = [];
    let way: Server | undefined;
    const open = (): void => {
      way ??= createServer((from) => {
        const to = connect(Number(there.port), there.hostname);
        for (const socket of [from, to]) sockets.push(socket.on('error', () => undefined));
        from.pipe(to).pipe(from);
      }).listen(Number(through.port), '127.0.0.1');
    };
    const said: string[] = [];
    const checks: { readonly name: string; check(): Promise<void> }[] = [];
    const reasons: unknown[] = [];
    const logger = {
      warn: (_fields: object, text: string): void => {
        said.push(text);
        reasons.push(checks[0]?.check().catch((error: Error) => error.message));
        open();
      },
    };
    const readiness = { add: (check: (typeof checks)[number]): void => void checks.push(check) };
    const dataSource = await openServiceDatabase(
      storage,
      { postgresUrl: through.href, schema },
      { logger, readiness },
    );
    try {
      expect(new Set(said)).toEqual(new Set(['the database has to be waited for']));
      expect(checks.map(({ name }) => name)).toEqual(['database']);
      expect(await reasons[0]).toBe(
        `PostgreSQL at ${through.host}${through.pathname} cannot be used: nothing listens there (ECONNREFUSED)`,
      );
      await checks[0]?.check();
    } finally {
      await dataSource.destroy();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => way?.close(resolve));
    }
    await expect(checks[0]?.check()).rejects.toThrow();
  }, 60_000);

  it.each<[string, (url: URL) => void, RegExp]>([
    [
      'a wrong password, which is not repeated',
      (url) => (url.password = 'hunter2'),
      /cannot be used: password authentication failed for user "[^"]+"$/,
    ],
    [
      'a database that is not there',
      (url) => (url.pathname = '/nowhere'),
      /\/nowhere cannot be used: database "nowhere" does not exist$/,
    ],
    [
      'a host that is not there',
      (url) => (url.hostname = 'db.invalid'),
      /PostgreSQL at db\.invalid:\d+\/\S+ cannot be used: (?:there is no host of this name|the name service does not answer) \(E/,
    ],
  ])('is told by its address and in words: %s', async (_, change, words) => {
    const { url, schema } = await isolatedSchema(import.meta.url);
    const wrong = new URL(url);
    change(wrong);
    const opened = openDatabase({ ...storage, url: wrong.href, schema });
    await expect(opened).rejects.toMatchObject({
      code: 'database.unavailable',
      temporary: true,
      message: expect.stringMatching(words) as string,
    });
  });

  it('that is refused for good is not waited for', async () => {
    const { url } = await isolatedSchema(import.meta.url);
    const process = { logger: { warn: () => undefined }, readiness: { add: () => undefined } };
    await expect(
      openServiceDatabase(storage, { postgresUrl: url, schema: 'not a schema' }, process),
    ).rejects.toMatchObject({ code: 'database.bad_schema', temporary: false });
  });
});
