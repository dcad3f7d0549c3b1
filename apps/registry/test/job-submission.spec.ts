import type { SubmitAnswer } from '#api';
import { waitFor, type SpawnedService } from '#lab';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { type Asking, askingWith } from './asking.js';
import { registryWorld } from './registry-world.js';

const url = 'https://gitlab.example.org';

describe('handing in jobs', () => {
  let registry: SpawnedService;
  let ask: Asking;
  let broker: ChannelModel;
  let channel: Channel;

  beforeAll(async () => {
    const world = await registryWorld(import.meta.url);
    registry = await world.start();
    ask = askingWith(registry.url, await world.adminKey(registry));
    broker = await connect(world.amqpUrl);
    channel = await broker.createChannel();
    for (const [plural, body] of [
      ['backends', { name: 'here', kind: 'local' }],
      ['backends', { name: 'pool', kind: 'htcondor', allowedSubmitCommands: ['nice_user'] }],
      ['projects', { name: 'higgs', url: `${url}/atlas/higgs`, path: 'atlas/higgs', backend: 'here' }],
      ['projects', { name: 'bare', url: `${url}/atlas/bare`, path: 'atlas/bare' }],
    ] as const)
      expect((await ask('POST', `/api/v1/${plural}`, body)).status).toBe(201);
  }, 60_000);
  afterAll(async () => {
    await registry.kill('SIGKILL');
    await broker.close();
  });

  /** What the submitter was told; undefined where it was told nothing. */
  async function told(): Promise<{ readonly [field: string]: unknown } | undefined> {
    const message = await channel.get('grid-submitter.jobs', { noAck: true });
    if (message === false) return undefined;
    expect(message.fields.routingKey).toBe('job.submit.v1');
    return JSON.parse(String(message.content)) as { readonly [field: string]: unknown };
  }

  it('tells the submitter of a group, by the id in the answer', async () => {
    const { status, body } = await ask('POST', '/api/v1/jobs', {
      project: 'higgs',
      script: 'echo $ITEM',
      over: ['a', 'b'],
      resources: { memory: '1 GiB', wallTime: '10m' },
    });
    expect(status).toBe(202);
    const answer = body as SubmitAnswer;
    expect(answer).toMatchObject({ project: 'higgs', name: 'higgs', backend: 'here', jobs: 2 });
    const command = await waitFor(() => told(), { what: 'the command' });
    expect(command).toMatchObject({
      groupId: answer.groupId,
      backend: 'here',
      items: [
        { key: 'a', variables: { ITEM: 'a' } },
        { key: 'b', variables: { ITEM: 'b' } },
      ],
      template: { resources: { memoryBytes: 2 ** 30, wallTimeSeconds: 600 } },
    });
  });

  it('counts once for the same key', async () => {
    const once = async (): Promise<string> =>
      (
        (await ask('POST', '/api/v1/jobs', { project: 'higgs', script: 'true' }, { 'idempotency-key': 'k1' }))
          .body as SubmitAnswer
      ).groupId;
    const first = await once();
    expect(await once()).toBe(first);
    await waitFor(() => told(), { what: 'the command' });
    expect((await ask('POST', '/api/v1/jobs', { project: 'higgs', script: 'true' })).status).toBe(202);
    const next = await waitFor(() => told(), { what: 'the command of another' });
    expect(next.groupId).not.toBe(first);
  });

  it.each([
    [{ project: 'bare' }, 'backend.missing', 'names no backend'],
    [{ project: 'higgs', backend: 'nowhere' }, 'backend.unknown', 'there is no backend nowhere'],
    [{ project: 'higgs', resources: { cpus: 9 } }, 'project.limit_exceeded', 'gets 8 at most'],
    [
      { project: 'higgs', backend: 'pool', batch: { accounting_group: 'x' } },
      'backend.command_not_allowed',
      'does not allow a job to set accounting_group',
    ],
  ])('is refused at once, with the reason: %j', async (request, code, reason) => {
    const { status, body } = await ask('POST', '/api/v1/jobs', { script: 'true', ...request });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code, detail: expect.stringContaining(reason) });
    expect(await told()).toBeUndefined();
  });

  it('names the field that is wrong', async () => {
    const { status, body } = await ask('POST', '/api/v1/jobs', {
      project: 'higgs',
      script: 'true',
      matrx: {},
    });
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toContain('matrx');
  });

  it('stands in the audit trail', async () => {
    const { body } = await ask('GET', '/api/v1/audit?action=jobs_asked');
    expect(body).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ detail: expect.stringContaining('2 of higgs on here') }),
      ]),
    });
  });
});
