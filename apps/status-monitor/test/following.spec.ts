import { randomUUID } from 'node:crypto';
import { groupQueued, groupRefused, jobCancelling } from '#contracts';
import { waitFor } from '#lab';
import type { Reason } from '../src/domain/report.js';
import { attemptOf, groupOf, MonitorWorld } from './monitor-world.js';

// Real: RabbitMQ, PostgreSQL, the monitor as a process. The batch system is a simulated one.
describe('the monitor', () => {
  let world: MonitorWorld;

  beforeAll(async () => {
    world = await MonitorWorld.create({ testPath: import.meta.url, env: { SLIPWAY_STALL_SECONDS: '5' } });
    await world.start();
  }, 60_000);
  afterAll(() => world.close());

  const ended = (groupId: string): Promise<Readonly<Record<string, unknown>>> =>
    world.recorder.waitFor('group.finished', (data) => data['groupId'] === groupId).then(({ data }) => data);

  const worker = (groupId: string, index: number, state: 'running' | 'succeeded', attempt = 1) =>
    world.ledger.report(attemptOf(groupId, index, attempt).attemptId, {
      from: 'worker',
      state,
      at: new Date(),
      facts: { node: 'wn7', exitCode: state === 'running' ? undefined : 0 },
    });

  it('says that a group is over as soon as nothing of it is open, however short a while ago it told how far it was', async () => {
    const groupId = await world.queue(2);
    await world.submit(groupId, [0, 1]);
    await worker(groupId, 0, 'succeeded');
    await world.recorder.waitFor('group.progressed', (data) => data['groupId'] === groupId);
    // As if that were yet to come.
    const later = "update job_group set progressed_at = now() + interval '1 day' where id = $1";
    await world.dataSource.query(later, [groupId]);
    await worker(groupId, 1, 'succeeded');
    expect(await ended(groupId)).toMatchObject({ outcome: 'succeeded', states: { succeeded: 2 } });
  });

  it('follows a group to its end, says each state once, and its end once', async () => {
    const groupId = await world.queue(3);
    const ids = await world.submit(groupId, [0, 1, 2]);
    for (const index of [0, 1, 2]) await world.heard('job.waiting', groupId, index);
    await world.grid.change(ids, {
      state: 'running',
      node: 'slot1@wn7',
      startedAt: new Date().toISOString(),
    });
    for (const index of [0, 1, 2]) await world.heard('job.running', groupId, index);
    for (const index of [0, 1, 2]) await worker(groupId, index, 'succeeded');
    await world.grid.change(ids, { state: 'ended', exitCode: 0 });
    const finished = await ended(groupId);
    expect(finished).toMatchObject({
      outcome: 'succeeded',
      jobs: 3,
      states: { succeeded: 3 },
      labels: { ci: '17' },
    });
    expect(await world.heard('job.succeeded', groupId, 2)).toMatchObject({ node: 'wn7', exitCode: 0 });
    const after = await world.queue(1);
    await world.submit(after, [0]);
    await world.heard('job.waiting', after);
    expect(['job.waiting', 'job.running', 'job.succeeded'].map((name) => world.said(name, groupId))).toEqual([
      3, 3, 3,
    ]);
    expect(world.said('group.finished', groupId)).toBe(1);
    const progress = world.recorder
      .named('group.progressed')
      .filter(({ data }) => data['groupId'] === groupId);
    expect(progress.at(-1)?.data).toMatchObject({ jobs: 3, states: { succeeded: 3 } });
    await waitFor(async () => !(await world.grid.jobs()).some(({ batchId }) => ids.includes(batchId)), {
      what: 'the batch system to be told that it need not keep them',
    });
  });

  it('gives a job time to say how it ended, then takes the batch system at its word, and tries again', async () => {
    const groupId = await world.queue(1);
    const ids = await world.submit(groupId, [0]);
    await world.heard('job.waiting', groupId);
    const reason = { fault: 'evicted', words: 'the slot was claimed by its owner' } as const;
    await world.grid.change(ids, { state: 'gone', reason, endedAt: new Date().toISOString() });
    expect(await world.heard('job.failed', groupId)).toMatchObject({ reason });
    expect(await world.heard('job.retried', groupId, 0, 2)).toMatchObject({ attempt: 2, because: reason });
    const { data } = await world.command('job.retry', groupId);
    expect(data).toMatchObject({ ...attemptOf(groupId, 0, 2), because: reason });
    await world.submit(groupId, [0], 2);
    await worker(groupId, 0, 'succeeded', 2);
    expect(await ended(groupId)).toMatchObject({ outcome: 'succeeded', states: { succeeded: 1 } });
  });

  it('does not try again what the script did wrong', async () => {
    const groupId = await world.queue(1);
    await world.submit(groupId, [0]);
    const reason = { fault: 'script-failed', words: 'step "script" ended with exit code 3' } as const;
    const { attemptId } = attemptOf(groupId, 0);
    await waitFor(() => world.ledger.attempt(attemptId), { what: 'the attempt' });
    const facts = { exitCode: 3 };
    await world.ledger.report(attemptId, { from: 'worker', state: 'failed', at: new Date(), reason, facts });
    expect(await ended(groupId)).toMatchObject({ outcome: 'failed', states: { failed: 1 } });
    expect(await world.heard('job.failed', groupId)).toMatchObject({ reason, exitCode: 3 });
    expect(world.said('job.retried', groupId)).toBe(0);
  });

  describe('what is held', () => {
    /** A job that the batch system holds for this, until it has removed it, as the monitor wants it to. */
    const held = async (reason: Reason): Promise<{ readonly groupId: string; readonly asked: object }> => {
      const groupId = await world.queue(1);
      const ids = await world.submit(groupId, [0]);
      await world.heard('job.waiting', groupId);
      await world.grid.change(ids, { state: 'held', reason });
      const { data } = await world.command('job.cancel', groupId);
      await world.grid.change(ids, { state: 'gone', reason: { fault: 'cancelled', words: 'removed' } });
      expect(await world.heard('job.failed', groupId)).toMatchObject({ reason });
      return { groupId, asked: data };
    };

    it('is ended, in the batch system’s words, and tried again', async () => {
      const reason = { fault: 'held', words: 'Error from slot1@wn3: cannot start container' } as const;
      const { groupId, asked } = await held(reason);
      expect(asked).toMatchObject({ indexes: [0], attempt: 1, reason, requestedBy: 'status-monitor' });
      await world.heard('job.retried', groupId, 0, 2);
    });

    it('for its memory is ended for just that, which trying again by itself does not cure', async () => {
      const reason = { fault: 'memory-exceeded', words: 'memory usage exceeded request_memory' } as const;
      const { groupId, asked } = await held(reason);
      expect(asked).toMatchObject({ attempt: 1, reason });
      expect(await ended(groupId)).toMatchObject({ outcome: 'failed', states: { failed: 1 } });
      expect(world.said('job.retried', groupId)).toBe(0);
    });
  });

  it('counts what the batch system does not know for three polls as lost', async () => {
    const groupId = await world.queue(1);
    const ids = await world.submit(groupId, [0]);
    await world.heard('job.waiting', groupId);
    await fetch(`${world.grid.url}/forget`, { method: 'POST', body: JSON.stringify({ batchIds: ids }) });
    expect(await world.heard('job.lost', groupId)).toMatchObject({ reason: { fault: 'vanished' } });
    await world.heard('job.retried', groupId, 0, 2);
  });

  it('ends what gives no sign of life, though the batch system says that it runs', async () => {
    const groupId = await world.queue(2);
    const ids = await world.submit(groupId, [0, 1]);
    await world.grid.change(ids, { state: 'running', node: 'wn9' });
    const lively = attemptOf(groupId, 1).attemptId;
    await world.heard('job.running', groupId, 1);
    const attempt = await world.ledger.attempt(lively);
    const heartbeat = setInterval(() => attempt && world.ledger.alive(attempt), 500);
    try {
      const { data } = await world.command('job.cancel', groupId);
      expect(data).toMatchObject({ indexes: [0], attempt: 1, reason: { fault: 'stalled' } });
      await world.grid.change(ids.slice(0, 1), { state: 'gone' });
      expect(await world.heard('job.lost', groupId)).toMatchObject({ reason: { fault: 'stalled' } });
      expect((await world.ledger.attempt(lively))?.cancel).toBeUndefined();
    } finally {
      clearInterval(heartbeat);
    }
  });

  it('bears messages that come twice, late and before their group', async () => {
    const group = groupOf(2);
    const { groupId } = group;
    await world.submit(groupId, [0, 1]);
    await world.bus.publish(groupQueued, group);
    await world.bus.publish(groupQueued, group);
    await world.heard('job.waiting', groupId, 1);
    await worker(groupId, 0, 'succeeded');
    await worker(groupId, 1, 'succeeded');
    await ended(groupId);
    await world.saySubmitted(groupId, 0, 1, 'another');
    await worker(groupId, 0, 'running');
    expect(await world.ledger.attempt(attemptOf(groupId, 0).attemptId)).toMatchObject({ state: 'succeeded' });
    expect(world.said('job.waiting', groupId)).toBeLessThanOrEqual(2);
    expect(world.said('group.finished', groupId)).toBe(1);
  });

  it('remembers a group that was refused, and why', async () => {
    const groupId = randomUUID();
    const { name, project, labels, requestedBy, requestedAt: at } = groupOf(1);
    const refusal = { code: 'project.unknown', reason: 'there is no project higgs' };
    await world.bus.publish(groupRefused, {
      groupId,
      name,
      project,
      labels: labels ?? {},
      requestedBy,
      at,
      jobs: 1,
      ...refusal,
    });
    const rows = await waitFor(
      async () => {
        const found: { refusal: object }[] = await world.dataSource.query(
          'select refusal from job_group where id = $1',
          [groupId],
        );
        return found[0];
      },
      { what: 'the refused group' },
    );
    expect(rows).toMatchObject({ refusal });
  });

  it('gives a cancelled job no time where it does not run yet, and more before it gives it up where it does', async () => {
    const groupId = await world.queue(2);
    await world.submit(groupId, [0, 1]);
    for (const index of [0, 1]) await world.heard('job.waiting', groupId, index);
    await worker(groupId, 1, 'running');
    await world.bus.publish(jobCancelling, {
      groupId,
      attempts: [0, 1].map((index) => attemptOf(groupId, index).attemptId),
      reason: { fault: 'cancelled', words: 'not wanted' },
      graceSeconds: 600,
      requestedBy: 'ada',
      at: new Date().toISOString(),
    });
    const { data } = await world.command('job.cancel', groupId);
    expect(data).toMatchObject({ indexes: [0], attempt: 1, reason: { fault: 'cancelled' } });
    expect(data).not.toHaveProperty('graceSeconds');
    expect(world.commands.filter((one) => one.data['groupId'] === groupId)).toHaveLength(1);
  });
});
