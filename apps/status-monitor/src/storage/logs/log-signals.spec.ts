import { isolatedSchema, waitFor } from '#lab';
import { Pool } from 'pg';
import { LogSignals } from './log-signals.js';

// Real: PostgreSQL. Two copies of the service, of which one hears a log grow.
describe('the signals of logs', () => {
  let pool: Pool;
  let copies: readonly LogSignals[];
  const warn = jest.fn();

  beforeAll(async () => {
    const { url } = await isolatedSchema(import.meta.url);
    pool = new Pool({ connectionString: url });
    const query = async (text: string, values: readonly unknown[]): Promise<unknown> =>
      pool.query(text, [...values]);
    // As long as PostgreSQL lets a schema's name be.
    copies = [0, 1].map(() => new LogSignals({ url, schema: 's'.repeat(63), query, log: { warn } }));
  });
  afterAll(async () => {
    for (const copy of copies) await copy.close();
    await pool.end();
  });

  it('reach the other copies, however long the name of the schema is', async () => {
    const [here, there] = copies;
    const heard = jest.fn();
    there?.on('an-attempt', heard);
    for (const copy of copies) copy.start();
    const isHeard = (): boolean => heard.mock.calls.length > 0;
    await waitFor(isHeard, { what: 'that it listens', deadlineMs: 30_000 });
    heard.mockClear();
    here?.grew('an-attempt');
    await waitFor(isHeard, { what: 'a signal at the other copy', deadlineMs: 30_000 });
    expect(warn).not.toHaveBeenCalled();
  }, 90_000);
});
