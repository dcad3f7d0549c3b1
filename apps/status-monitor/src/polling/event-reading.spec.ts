import { randomUUID } from 'node:crypto';
import { backendResource, groupQueued, jobTemplate } from '#contracts';
import { openDatabase } from '#database';
import { attemptIdOf, type BatchReport, type GridBackend, jobIdOf } from '#grid';
import { isolatedSchema } from '#lab';
import type { DataSource } from 'typeorm';
import { Groups } from '../ledger/groups.js';
import { Ledger } from '../ledger/ledger.js';
import { eventPosition } from '../storage/event-positions.js';
import { storage } from '../storage/index.js';
import { Collecting } from './collecting.js';
import { EventReading } from './event-reading.js';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const signal = AbortSignal.timeout(600_000);
const day = 86_400_000;

// Real: PostgreSQL and the ledger. The event log is a list of reports, and the position its length.
describe('reading an event log', () => {
  let dataSource: DataSource;
  let ledger: Ledger;
  let written: BatchReport[];

  beforeAll(async () => {
    dataSource = await openDatabase({ ...storage, ...(await isolatedSchema(import.meta.url)) });
    ledger = new Ledger({ dataSource, log, said: () => undefined });
  });
  beforeEach(async () => {
    written = [];
    await dataSource.query('truncate event_position');
  });
  afterAll(() => dataSource.destroy());

  const reading = (to: Pick<Ledger, 'report'> = ledger): EventReading => {
    const events: GridBackend['events'] = (since) =>
      Promise.resolve({ reports: written.slice(Number(since ?? '0')), next: `${written.length}` });
    return new EventReading({
      settings: backendResource.schema.parse({ name: 'pool', kind: 'htcondor', eventLog: '/log' }),
      open: () => Promise.resolve({ events } as GridBackend),
      ledger: to as Ledger,
      patience: { stallMs: day, graceMs: day, cancelMs: day, vanishMs: day },
      collecting: new Collecting(() => undefined, log),
      dataSource,
    });
  };
  const queue = async (): Promise<string> => {
    const groupId = randomUUID();
    const template = jobTemplate.parse({ steps: [{ name: 'script', script: 'true' }] });
    const items = [{ key: 'one', variables: {} }];
    const asked = { requestedBy: 'ada', requestedAt: new Date().toISOString() };
    const group = { groupId, name: 'a group', project: 'higgs', backend: 'pool', template, items, ...asked };
    await new Groups(dataSource, () => undefined).queued(groupQueued.schema.parse(group));
    return attemptIdOf(jobIdOf(groupId, 0), 1);
  };
  const submitted = (attempt: string, batchId: string): Promise<unknown> =>
    ledger.report(attempt, { from: 'submitter', state: 'submitted', at: new Date(), facts: { batchId } });
  const state = async (attempt: string): Promise<string | undefined> =>
    (await ledger.attempt(attempt))?.state;

  it('writes what is said of our jobs alone, and keeps up to where it came', async () => {
    const attempt = await queue();
    await submitted(attempt, '1.0');
    written.push({ batchId: '1.0', state: 'running', node: 'wn7' }, { batchId: '99.0', state: 'running' });
    const events = reading();
    await events.round(signal);
    expect(await ledger.attempt(attempt)).toMatchObject({ state: 'running', node: 'wn7' });
    expect(await eventPosition(dataSource, 'pool')).toBe('2');
    written.push({ batchId: '1.0', state: 'ended', exitCode: 3 });
    await reading().round(signal);
    expect(await ledger.attempt(attempt)).toMatchObject({ state: 'running', batchEnd: { exitCode: 3 } });
  });

  it('reads again what was not in the ledger when it failed or was killed', async () => {
    const attempt = await queue();
    await submitted(attempt, '2.0');
    written.push({ batchId: '2.0', state: 'running' });
    const broken = { report: () => Promise.reject(new Error('the database is away')) };
    await expect(reading(broken).round(signal)).rejects.toThrow('away');
    expect(await eventPosition(dataSource, 'pool')).toBeUndefined();
    await reading().round(signal);
    await dataSource.query('truncate event_position');
    await reading().round(signal);
    expect(await state(attempt)).toBe('running');
  });

  it('remembers what is said of a job before the submitter has said whose it is', async () => {
    const attempt = await queue();
    written.push({ batchId: '3.0', state: 'running' });
    const events = reading();
    await events.round(signal);
    expect(await state(attempt)).toBe('queued');
    await submitted(attempt, '3.0');
    await events.round(signal);
    expect(await state(attempt)).toBe('running');
  });
});
