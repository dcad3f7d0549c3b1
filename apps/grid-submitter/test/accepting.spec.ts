import { attemptIdOf, jobIdOf } from '#grid';
import { jobRetry } from '#contracts';
import { waitFor } from '#lab';
import { project, SubmitterWorld } from './submitter-world.js';

// Real: RabbitMQ, PostgreSQL, the submitter as a process. Nothing is submitted: every attempt stays in the queue.
describe('the submitter, when groups are handed in', () => {
  let world: SubmitterWorld;

  beforeAll(async () => {
    world = await SubmitterWorld.create({
      testPath: import.meta.url,
      file: {
        projects: [project('higgs')],
        backends: [{ name: 'pool', kind: 'plugin', plugin: 'not-there' }],
      },
    });
    await world.start();
  }, 60_000);
  afterAll(() => world.close());

  it('says the whole group once, and each attempt with ids that anybody can derive', async () => {
    const groupId = await world.submit({ project: 'higgs', script: 'true', over: ['a', 'b', 'c'] });
    const { data } = await world.recorder.waitFor('group.queued', (group) => group['groupId'] === groupId);
    expect(data).toMatchObject({ backend: 'pool', items: [{ key: 'a' }, { key: 'b' }, { key: 'c' }] });
    await waitFor(() => world.said('job.queued', groupId) === 3, { what: 'each attempt' });
    const jobId = jobIdOf(groupId, 1);
    await world.recorder.waitFor('job.queued', (said) => said['attemptId'] === attemptIdOf(jobId, 1));
  });

  it('tells nobody what is secret in a group, not even sealed', async () => {
    const template = { steps: [{ name: 'script', script: 'true' }], sealed: 's1.key.sealed-secret' };
    const groupId = await world.submit({ project: 'higgs', script: 'true' }, { template });
    const { data } = await world.recorder.waitFor('group.queued', (group) => group['groupId'] === groupId);
    expect(data).toMatchObject({ template: { steps: [{ name: 'script' }] } });
    expect(JSON.stringify(data)).not.toContain('sealed-secret');
  });

  it('takes 10,000 jobs, in one message that comes twice, as one group', async () => {
    const over = Array.from({ length: 10_000 }, (_, n) => `/a/dataset/of/some/length/${n}`);
    const asked = { project: 'higgs', script: 'true', over };
    const groupId = await world.submit(asked);
    await world.submit(asked, { groupId });
    await waitFor(() => world.said('job.queued', groupId) === 10_000, { what: '10,000 attempts' });
    const after = await world.submit({ project: 'higgs', script: 'true' });
    await waitFor(() => world.said('job.queued', after) === 1, { what: 'a later group' });
    expect(world.said('group.queued', groupId)).toBe(1);
    expect(world.said('job.queued', groupId)).toBe(10_000);
  }, 60_000);

  it('refuses once, and says why', async () => {
    const groupId = await world.submit({ project: 'nobody', script: 'true' });
    await world.submit({ project: 'nobody', script: 'true' }, { groupId });
    await world.cancel(groupId);
    const { data } = await world.recorder.waitFor('group.refused', (group) => group['groupId'] === groupId);
    expect(data).toMatchObject({ code: 'project.unknown', reason: 'there is no project nobody', jobs: 1 });
    const after = await world.submit({ project: 'higgs', script: 'true' });
    await waitFor(() => world.said('job.queued', after) === 1, { what: 'a later group' });
    expect(world.said('group.refused', groupId)).toBe(1);
  });

  it('withdraws what is cancelled before it was submitted, each attempt once, however often it is asked', async () => {
    const groupId = await world.submit({ project: 'higgs', script: 'true', over: ['a', 'b', 'c'] });
    await world.cancel(groupId, { indexes: [1] });
    await waitFor(() => world.said('job.withdrawn', groupId) === 1, { what: 'one attempt' });
    await world.cancel(groupId);
    await world.cancel(groupId);
    await waitFor(() => world.said('job.withdrawn', groupId) === 3, { what: 'the others' });
    const after = await world.submit({ project: 'higgs', script: 'true' });
    await waitFor(() => world.said('job.queued', after) === 1, { what: 'a later group' });
    expect(world.said('job.withdrawn', groupId)).toBe(3);
  });

  it('queues a further attempt once; after a cancellation it withdraws it at once', async () => {
    const groupId = await world.submit({ project: 'higgs', script: 'true', over: ['a', 'b'] });
    const retry = (index: number, attempt: number) => {
      const jobId = jobIdOf(groupId, index);
      return world.bus.publish(jobRetry, {
        groupId,
        jobId,
        attemptId: attemptIdOf(jobId, attempt),
        index,
        attempt,
        project: 'higgs',
        backend: 'pool',
        notBefore: new Date().toISOString(),
        because: { fault: 'node-failed', words: 'the node is gone' },
      });
    };
    await waitFor(() => world.said('job.queued', groupId) === 2, { what: 'both attempts' });
    await world.database.query(
      `update attempt set state = 'ended', outcome = 'failed', cancel_due_at = null where group_id = $1`,
      [groupId],
    );
    await retry(0, 2);
    await retry(0, 2);
    await waitFor(() => world.said('job.queued', groupId) === 3, { what: 'the second attempt' });
    await world.cancel(groupId);
    await waitFor(() => world.said('job.withdrawn', groupId) === 1, { what: 'its end' });
    await retry(1, 2);
    await waitFor(() => world.said('job.withdrawn', groupId) === 2, { what: 'no further attempt' });
    expect(world.said('job.queued', groupId)).toBe(3);
  });

  it('waits with a cancellation for a group that has not come', async () => {
    const service = world.services[0];
    const groupId = 'b7f3a1de-5f0f-4e2c-8a8e-2f6c5f0e8b11';
    await world.cancel(groupId);
    await waitFor(
      () => service?.logs().some((line) => line.includes('group.unknown') && line.includes(groupId)),
      {
        what: 'a warning',
      },
    );
    await world.submit({ project: 'higgs', script: 'true' }, { groupId });
    await waitFor(() => world.said('job.withdrawn', groupId) === 1, { what: 'its end' });
  }, 60_000);
});
