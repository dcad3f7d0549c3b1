import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GridJob, GridJobWithAll, JobGroupWithAll, SubmitAnswer } from '#api';
import { connectBus, silentLogger } from '#bus';
import { groupQueued, type InputOf, jobTemplate } from '#contracts';
import { waitFor } from '#lab';
import { type GridWorld, gridWorld } from './grid-world.js';

const command = fileURLToPath(new URL('../../apps/command/src/main.js', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

// Real: registry, submitter, monitor and the command as processes, RabbitMQ, PostgreSQL, the machine as batch system,
// the job's own shell script and curl.
describe('a job on the grid, from the command to its outputs', () => {
  let world: GridWorld;

  beforeAll(async () => {
    world = await gridWorld(import.meta.url);
  }, 240_000);
  afterAll(() => world.close());

  const slipway = (...args: readonly string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const env = {
        PATH: process.env['PATH'],
        HOME: world.directory,
        SLIPWAY_URL: world.service.registry.url,
        SLIPWAY_TOKEN: world.key,
      };
      execFile(process.execPath, [command, ...args], { env, cwd: world.directory }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
      );
    });

  const submit = (request: object): Promise<SubmitAnswer> =>
    world.ask<SubmitAnswer>('POST', '/jobs', { project: 'higgs', ...request });

  const finished = (id: string): Promise<JobGroupWithAll> =>
    waitFor(
      async () => {
        const group = await world.ask<JobGroupWithAll>('GET', `/groups/${id}`);
        return group.state === 'active' ? undefined : group;
      },
      { what: 'the group to be over', deadlineMs: 120_000 },
    );

  const jobsOf = async (id: string): Promise<readonly GridJobWithAll[]> => {
    const { items } = await world.ask<{ items: { id: string }[] }>('GET', `/groups/${id}/jobs?limit=200`);
    return Promise.all(items.map((job) => world.ask<GridJobWithAll>('GET', `/jobs/${job.id}`)));
  };

  it('runs a group over a list, with logs and outputs of each, by the command alone', async () => {
    const file = join(world.directory, 'job.yml');
    writeFileSync(
      file,
      [
        'name: sizes',
        'project: higgs',
        'script:',
        '  - echo "measuring $ITEM"',
        '  - test "$ITEM" != broken',
        '  - mkdir results && echo "$ITEM" > results/size.txt',
        'over: [alpha, broken, gamma]',
        'outputs: [results]',
        'resources: {memory: 256 MiB, disk: 100 MB, wallTime: 5m}',
      ].join('\n'),
    );
    const run = await slipway('run', '-f', file, '--wait', '--json');
    expect(run.code).toBe(1);
    const group = JSON.parse(run.stdout) as JobGroupWithAll;
    expect(group).toMatchObject({ name: 'sizes', state: 'failed', states: { succeeded: 2, failed: 1 } });

    const listed = await slipway('jobs', 'of', group.id);
    expect(listed.stdout).toMatch(/1 +failed +broken .*exit code 1; script-failed/);
    expect((await slipway('logs', `${group.id}/2`)).stdout).toContain('measuring gamma\n');
    expect((await slipway('logs', '-f', `${group.id}/0`)).stdout).toContain('measuring alpha\n');
    expect((await slipway('outputs', `${group.id}/2`)).stdout).toMatch(/results\/size\.txt/);
    const zip = join(world.directory, 'outputs.zip');
    expect((await slipway('outputs', `${group.id}/2`, '-o', zip)).code).toBe(0);
    expect(readFileSync(zip).subarray(0, 2).toString()).toBe('PK');
    expect((await slipway('jobs', 'show', `${group.id}/1`)).stdout).toMatch(/attempt 1: failed/);
    expect((await slipway('jobs', 'list')).stdout).toMatch(/failed +sizes +higgs/);
  }, 180_000);

  it('is found by project, state, user, backend and time among the jobs of all groups', async () => {
    const bus = connectBus({
      url: world.common.SLIPWAY_AMQP_URL,
      service: 'grid-submitter',
      logger: silentLogger,
    });
    await bus.started();
    const template = jobTemplate.parse({ steps: [{ name: 'script', script: 'true' }] });
    const accepted = (group: Partial<InputOf<typeof groupQueued>>, jobs: number): Promise<void> =>
      bus.publish(groupQueued, {
        groupId: randomUUID(),
        name: 'never handed on',
        project: 'top',
        backend: 'elsewhere',
        template,
        items: Array.from({ length: jobs }, (_, n) => ({ key: `sample ${n}`, variables: {} })),
        labels: {},
        requestedBy: 'grace',
        user: { name: 'grace', groups: [] },
        requestedAt: new Date(Date.now() - 3 * 86_400_000).toISOString(),
        ...group,
      });
    // More than the API gives at once.
    await accepted({}, 230);
    await accepted({ user: { name: 'linus', groups: [] }, requestedAt: new Date().toISOString() }, 2);
    const found = async (...filters: readonly string[]): Promise<readonly GridJob[]> => {
      const { stdout } = await slipway('jobs', 'search', '--limit', '1000', '--json', ...filters);
      return (JSON.parse(stdout) as { items: GridJob[] }).items;
    };
    await waitFor(async () => (await found('--project', 'top')).length === 232, { what: 'all jobs' });
    expect(new Set((await found('--user', 'grace')).map(({ key }) => key)).size).toBe(230);
    expect(await found('--backend', 'elsewhere', '--since', '2d')).toHaveLength(2);
    expect(await found('--backend', 'elsewhere', '--until', '2d')).toHaveLength(230);
    expect(await found('--state', 'queued', '--user', 'linus', '--project', 'top')).toHaveLength(2);
    expect(await found('--state', 'failed')).toMatchObject([{ key: 'broken', project: 'higgs' }]);
    expect(await found('--backend', 'here', '--state', 'queued')).toEqual([]);
    const shown = await slipway('jobs', 'search', '--project', 'top', '--limit', '7');
    expect(shown.stdout.match(/ queued +sample \d+ +top +elsewhere /g)).toHaveLength(7);
    expect((await slipway('jobs', 'search', '--user', 'nobody')).stdout).toBe('no such job\n');
    await bus.close();
  }, 60_000);

  it('is cancelled while it runs, and tried again', async () => {
    const { groupId } = await submit({ script: 'test -e "$HOME/nothing" || sleep 300' });
    await waitFor(async () => (await jobsOf(groupId))[0]?.state === 'running', { what: 'the job to run' });
    const cancelled = await slipway('cancel', groupId, '--reason', 'not wanted any more');
    expect(cancelled).toMatchObject({ code: 0, stdout: 'asked to cancel 1 job\n' });
    expect(await finished(groupId)).toMatchObject({ state: 'cancelled' });
    const [job] = await jobsOf(groupId);
    expect(job?.reason).toMatchObject({ fault: 'cancelled' });
    expect((await slipway('retry', groupId)).stdout).toBe('1 job will be tried again\n');
    await waitFor(async () => (await jobsOf(groupId))[0]?.attempt === 2, { what: 'the second attempt' });
    await slipway('cancel', groupId, '--yes');
    await finished(groupId);
  }, 180_000);

  it('survives the death of every service in the middle of it, and runs once', async () => {
    const count = join(world.directory, 'count');
    const { groupId } = await submit({
      script: `echo once >> ${count}; echo begun; sleep 8; echo done; echo result > out.txt`,
      outputs: ['out.txt'],
    });
    await waitFor(async () => (await jobsOf(groupId))[0]?.state === 'running', { what: 'the job to run' });
    for (const name of ['status-monitor', 'grid-submitter', 'registry'] as const)
      await world.service[name].kill('SIGKILL');
    for (const name of ['registry', 'status-monitor', 'grid-submitter'] as const) await world.restart(name);
    expect(await finished(groupId)).toMatchObject({ state: 'succeeded' });
    expect(readFileSync(count, 'utf8')).toBe('once\n');
    const [job] = await jobsOf(groupId);
    expect(job).toMatchObject({ attempt: 1, state: 'succeeded', exitCode: 0 });
    expect((await slipway('logs', groupId)).stdout).toMatch(/begun\n[^]*done\n/);
  }, 240_000);
});
