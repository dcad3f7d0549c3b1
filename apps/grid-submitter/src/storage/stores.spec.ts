import { randomUUID } from 'node:crypto';
import { jobRequest, jobSubmit } from '#contracts';
import { openDatabase } from '#database';
import { isolatedSchema } from '#lab';
import type { DataSource } from 'typeorm';
import { CancellationStore } from './cancellation.store.js';
import { CleanUpStore } from './clean-up.store.js';
import { GroupStore } from './group.store.js';
import { storage } from './index.js';
import { OutcomeStore } from './outcome.store.js';
import { PickStore, type Picked } from './pick.store.js';
import { RecoveryStore } from './recovery.store.js';
import { SubmissionStore } from './submission.store.js';

const [me, other] = [randomUUID(), randomUUID()];
const leaseMs = 60_000;

describe('the submitter’s tables, on a real PostgreSQL', () => {
  let dataSource: DataSource;
  let picks: PickStore;
  let submissions: SubmissionStore;
  let recoveries: RecoveryStore;

  beforeAll(async () => {
    dataSource = await openDatabase({ ...storage, ...(await isolatedSchema(import.meta.url)) });
    picks = new PickStore(dataSource);
    submissions = new SubmissionStore(dataSource);
    recoveries = new RecoveryStore(dataSource);
  });
  beforeEach(() => dataSource.query('truncate job_group, submission, attempt, turn, back_off, outbox'));
  afterAll(() => dataSource.destroy());

  const hand = async (jobs: number, more: object = {}): Promise<void> => {
    const over = Array.from({ length: jobs }, (_, n) => `set-${n}`);
    const request = jobRequest.parse({ project: 'higgs', script: 'true', over, ...more });
    const asked = { groupId: randomUUID(), requestedBy: 'ada', requestedAt: new Date().toISOString() };
    const group = jobSubmit.schema.parse({ ...request, ...asked });
    await new GroupStore(dataSource).accept(
      group,
      { accepted: true, backend: 'pool', identity: undefined },
      {},
    );
  };
  const pick = async (given: object = {}): Promise<Picked | undefined> =>
    picks.pick({
      backend: 'pool',
      jobs: 1_000,
      mostAttempts: 1_000,
      throttles: false,
      holder: me,
      leaseMs,
      limitOf: () => 1_000,
      ...given,
    });
  const picked = async (given: object = {}): Promise<Picked> => {
    const one = await pick(given);
    if (!one) throw new Error('nothing was picked');
    return one;
  };
  const jobsOf = ({ attempts }: Picked) =>
    attempts.map(({ id }, n) => ({ attemptId: id, batchId: `1.${n}` }));
  const said = async (): Promise<readonly string[]> =>
    (
      await dataSource.query<{ routing_key: string }[]>(
        `select routing_key from outbox where routing_key not like '%queued%' order by position`,
      )
    ).map((row) => row.routing_key);
  const states = async (): Promise<readonly string[]> =>
    (await dataSource.query<{ state: string }[]>('select state from attempt order by index')).map(
      ({ state }) => state,
    );

  it('never give one attempt to two, or more than there is room for, however many ask at once', async () => {
    await hand(50);
    const asked = await Promise.all(Array.from({ length: 8 }, () => pick({ mostAttempts: 4, jobs: 20 })));
    const attempts = asked.flatMap((one) => one?.attempts ?? []);
    expect(attempts).toHaveLength(20);
    expect(new Set(attempts.map(({ id }) => id)).size).toBe(20);
  });

  it('hand over how many may run at once, where the backend keeps it, and count what comes beside', async () => {
    await hand(10, { runningAtOnce: 2 });
    const first = await picked({ throttles: true, mostAttempts: 4 });
    expect(first).toMatchObject({ runningAtOnce: 2, attempts: { length: 4 } });
    expect(await pick({ throttles: true })).toBeUndefined();
    await submissions.record({ id: first.id, holder: me }, jobsOf(first));
    const ends = first.attempts
      .slice(0, 3)
      .map(({ id }) => ({ attemptId: id, outcome: 'succeeded' as const }));
    await new OutcomeStore(dataSource).write(ends);
    expect(await picked({ throttles: true })).toMatchObject({
      runningAtOnce: undefined,
      attempts: { length: 1 },
    });
  });

  it('let nobody record what another copy has taken over', async () => {
    await hand(1);
    const one = await picked({ leaseMs: 0 });
    expect(await recoveries.takeOver('pool', other, leaseMs)).toMatchObject({ id: one.id });
    expect(await submissions.renew({ id: one.id, holder: me }, leaseMs)).toBe(false);
    expect(await submissions.record({ id: one.id, holder: me }, jobsOf(one))).toBe(false);
    expect(await said()).toEqual([]);
    expect(await submissions.record({ id: one.id, holder: other }, jobsOf(one))).toBe(true);
    expect(await submissions.record({ id: one.id, holder: other }, jobsOf(one))).toBe(false);
    expect(await said()).toEqual(['job.submitted.v1']);
  });

  it('give a submission that was cut off to one copy, and not before its lease is over', async () => {
    await hand(1);
    await picked();
    expect(await recoveries.takeOver('pool', other, leaseMs)).toBeUndefined();
    await dataSource.query(`update submission set lease_until = now() - interval '1 second'`);
    const taken = await Promise.all([1, 2, 3].map(() => recoveries.takeOver('pool', randomUUID(), leaseMs)));
    expect(taken.filter((each) => each !== undefined)).toHaveLength(1);
  });

  it('put back what the batch system does not have, and record what it has', async () => {
    await hand(3);
    const one = await picked();
    await submissions.record({ id: one.id, holder: me }, jobsOf(one).slice(0, 1));
    expect(await states()).toEqual(['submitted', 'queued', 'queued']);
    expect(await picked()).toMatchObject({ attempts: [{ index: 1 }, { index: 2 }] });
  });

  it('take an end that is heard of before the submission is recorded', async () => {
    await hand(1);
    const one = await picked();
    const ends = one.attempts.map(({ id }) => ({ attemptId: id, outcome: 'succeeded' as const }));
    await new OutcomeStore(dataSource).write([...ends, ...ends]);
    await submissions.record({ id: one.id, holder: me }, jobsOf(one));
    expect(await states()).toEqual(['ended']);
    expect(await said()).toEqual(['job.submitted.v1']);
  });

  it('have a batch system asked to end a job ever more rarely, and not for ever', async () => {
    await hand(1);
    const one = await picked();
    await submissions.record({ id: one.id, holder: me }, jobsOf(one));
    const cancellations = new CancellationStore(dataSource, 30_000);
    const isDue = `update attempt set cancel = '{}', cancel_due_at = now()`;
    const waits: number[] = [];
    for (let times = 0; times < 26; times += 1) {
      await dataSource.query(isDue);
      const [due] = await cancellations.take('pool', leaseMs, false);
      expect(await cancellations.take('pool', leaseMs, false)).toEqual([]);
      await cancellations.asked(due?.attempts.map(({ id }) => id) ?? []);
      const [row] = await dataSource.query<{ wait: number | null }[]>(
        'select round(extract(epoch from cancel_due_at - clock_timestamp()) / 10)::int as wait from attempt',
      );
      if (row?.wait != null) waits.push(row.wait * 10);
    }
    expect(waits).toHaveLength(25);
    expect(waits.slice(0, 6)).toEqual([30, 60, 120, 240, 480, 600]);
  });

  it('forget a group days after its last end, and no other', async () => {
    await hand(1);
    await hand(1);
    const one = await picked();
    await submissions.refuse({ id: one.id, holder: me }, 'no');
    await dataSource.query(`update job_group set accepted_at = now() - interval '9 days'`);
    const cleanUp = new CleanUpStore(dataSource);
    expect(await cleanUp.forget(7)).toBe(0);
    await dataSource.query(`update attempt set ended_at = now() - interval '8 days' where state = 'ended'`);
    expect(await cleanUp.forget(7)).toBe(1);
    expect(await states()).toEqual(['queued']);
  });
});
