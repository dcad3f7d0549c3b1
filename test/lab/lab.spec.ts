import { connect } from 'amqplib';
import { Client } from 'pg';
import { derivedName, isolatedSchema, isolatedVhost, waitFor } from '#lab';

// Real: RabbitMQ and PostgreSQL of the run.
describe('isolatedVhost', () => {
  it('gives each test file an empty vhost with every right on it', async () => {
    const { url, vhost, api } = await isolatedVhost(import.meta.url);
    expect(vhost).toBe('t_test-lab-lab');
    const connection = await connect(url);
    const channel = await connection.createChannel();
    await channel.assertQueue('orders', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    expect(await api('GET', 'queues/%v/orders')).toMatchObject({ type: 'quorum' });
    await connection.close();

    const again = await isolatedVhost(import.meta.url);
    expect(again.vhost).toBe(vhost);
    expect(await again.api('GET', 'queues/%v')).toEqual([]);
  }, 120_000);
});

describe('isolatedSchema', () => {
  it('gives each test file an empty schema', async () => {
    const { url, schema } = await isolatedSchema(import.meta.url);
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(`CREATE TABLE ${schema}.orders (id int)`);
    await isolatedSchema(import.meta.url);
    const tables = await client.query('SELECT 1 FROM information_schema.tables WHERE table_schema = $1', [
      schema,
    ]);
    expect(tables.rows).toEqual([]);
    await client.end();
  }, 120_000);
});

describe('derivedName', () => {
  it('fits into 63 characters however deep the file lies, and stays different', () => {
    const deep = (file: string): string => derivedName(`/elsewhere/${'deeper/'.repeat(30)}${file}.spec.js`);
    expect(deep('a').length).toBeLessThanOrEqual(63);
    expect(deep('a')).not.toBe(deep('b'));
  });
});

describe('waitFor', () => {
  it('says at the deadline what it waited for and what came last', async () => {
    const waiting = waitFor(() => Promise.reject(new Error('not yet')), { what: 'a wonder', deadlineMs: 30 });
    await expect(waiting).rejects.toThrow(/30 ms in vain for a wonder; last: Error: not yet/);
  });

  it('takes errors for not yet', async () => {
    let calls = 0;
    const condition = (): string => {
      calls += 1;
      if (calls < 3) throw new Error('too early');
      return 'done';
    };
    expect(await waitFor(condition, { what: 'three calls' })).toBe('done');
  });
});
