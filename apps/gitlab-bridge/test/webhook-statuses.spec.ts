import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, connectBus, silentLogger } from '#bus';
import { jobRequest, jobSubmit } from '#contracts';
import { type SpawnedService, spawnService, waitFor } from '#lab';
import { BridgeWorld } from './bridge-world.js';

const secret = 'a secret of a hook';

// Real: RabbitMQ, PostgreSQL, relay, bridge, submitter and monitor as processes, this machine as batch system. A GitLab of
// the tests. Who hears of a push, and hands work in for it, is the test, as a subscriber would.
describe('work on a commit that a webhook started', () => {
  let world: BridgeWorld;
  let relay: SpawnedService;
  let bus: Bus;

  beforeAll(async () => {
    world = await BridgeWorld.create({
      testPath: import.meta.url,
      hasAccount: true,
      env: { SLIPWAY_STATUS_PAUSE_MS: '10' },
    });
    await world.start();
    const settings = join(world.directory, 'relay.yml');
    const sources = [{ name: 'forge', kind: 'gitlab', secrets: [{ env: 'HOOK_SECRET' }] }];
    await writeFile(settings, JSON.stringify({ sources }));
    relay = await spawnService('webhook-relay', {
      SLIPWAY_AMQP_URL: world.amqpUrl,
      SLIPWAY_CONFIG: settings,
      HOOK_SECRET: secret,
    });
    world.project.addHook(`${relay.url}/hooks/forge`, secret);
    bus = connectBus({ url: world.amqpUrl, service: 'test', logger: silentLogger });
    await bus.started();
  }, 300_000);
  afterAll(async () => {
    await bus.close();
    await relay.kill('SIGKILL');
    await world.close();
  });

  it.each([
    ['true', 'success'],
    ['exit 3', 'failed'],
  ])(
    'is shown there from its beginning to its end (%s: %s), with a link to the group',
    async (last, state) => {
      const sha = await world.project.commit({ files: { a: randomUUID() } });
      const { data } = await world.recorder.waitFor('gitlab.push', (said) => said['after'] === sha);
      const { path } = data['project'] as { readonly path: string };
      const groupId = randomUUID();
      const goOn = join(world.directory, groupId);
      const request = jobRequest.parse({
        project: 'analysis',
        name: 'nightly',
        script: `until [ -e ${goOn} ]; do sleep 0.1; done; ${last}`,
        labels: { gitlab: 'gitlab', 'gitlab.project': path, 'gitlab.sha': sha },
      });
      const asked = { groupId, requestedBy: 'ada', requestedAt: new Date().toISOString() };
      await bus.publish(jobSubmit, { ...request, items: [...request.items], ...asked });
      const shown = (): readonly string[] =>
        world.project.statuses.filter((one) => one.sha === sha).flatMap(({ history }) => history);
      await waitFor(() => shown().includes('running'), { what: 'running', deadlineMs: 60_000 });
      await writeFile(goOn, '');
      await waitFor(() => shown().includes(state), { what: state, deadlineMs: 60_000 });
      // What is over before it could be told is not told any more.
      expect(shown().filter((one) => one !== 'pending')).toEqual(['running', state]);
      expect(world.project.statuses.find((one) => one.sha === sha)).toMatchObject({
        name: 'nightly',
        targetUrl: `https://slipway.example.org/jobs/groups/${groupId}`,
      });
      expect(world.gitlab.complaints).toEqual([]);
    },
    150_000,
  );
});
