import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { houseTokens } from '#access';
import { logEnd, logPiece } from '#api';
import { type SpawnedService, waitFor } from '#lab';
import { openKeyRing } from '#secrets';
import { TransferCollector } from '../../src/collecting/collector.js';
import { keyRingText } from '../../../../test/stand-ins/registry.js';
import { EdgeWorld, type KnownAttempt } from './edge-world.js';
import { runWrapper } from './running-wrapper.js';

let world: EdgeWorld;
let copies: readonly SpawnedService[];

beforeAll(async () => {
  world = await EdgeWorld.create(import.meta.url);
  copies = [await world.start(), await world.start()];
});

afterAll(() => world?.close());

const tokens = houseTokens(openKeyRing(keyRingText));

const authorization = (): string =>
  `Slipway ${tokens.issue({ subject: 'ada', name: 'ada', via: 'session', role: 'admin', groups: [] })}`;

const get = (path: string, headers: Readonly<Record<string, string>> = {}, copy = 0): Promise<Response> =>
  fetch(`${copies[copy]?.url}/api/v1/attempts/${path}`, {
    headers: { authorization: authorization(), ...headers },
  });

async function done(script: string, outputs: string[] = []): Promise<KnownAttempt> {
  const known = await world.queue({ steps: [{ name: 'script', script }], outputs });
  await (
    await runWrapper(join(world.directory, 'node'), world.files(known))
  ).ended;
  return known;
}

interface Followed {
  readonly text: string;
  readonly last: string | undefined;
  readonly end: unknown;
}

/** Follows a log until its end, or until it holds a text. */
async function follow(path: string, until?: string, copy = 0, headers = {}): Promise<Followed> {
  const gone = new AbortController();
  const answer = await fetch(`${copies[copy]?.url}/api/v1/attempts/${path}`, {
    headers: { authorization: authorization(), ...headers },
    signal: gone.signal,
  });
  const followed = { text: '', last: undefined as string | undefined, end: undefined as unknown };
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of answer.body ?? []) {
    const events = (rest + decoder.decode(piece, { stream: true })).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events.map(fieldsOf)) {
      followed.last = event.get('id') ?? followed.last;
      const data: unknown = JSON.parse(event.get('data') ?? 'null');
      if (event.get('event') === 'end') followed.end = logEnd.parse(data);
      else if (data !== null) followed.text += logPiece.parse(data).text;
    }
    if (until !== undefined && followed.text.includes(until)) break;
  }
  gone.abort();
  return followed;
}

const fieldsOf = (event: string): ReadonlyMap<string, string> =>
  new Map(
    event.split('\n').map((line): [string, string] => {
      const [name = '', ...value] = line.split(': ');
      return [name, value.join(': ')];
    }),
  );

describe('the log of an attempt', () => {
  it('is read as a whole and in ranges, as plain text whatever is in it', async () => {
    const { attemptId } = await done('echo "<script>alert(1)</script> grüße"');
    const whole = await get(`${attemptId}/log`);
    expect(whole.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect(bytes.toString('utf8')).toContain('<script>alert(1)</script> grüße\n');
    for (const [range, expected] of [
      ['bytes=0-9', bytes.subarray(0, 10)],
      ['bytes=5-', bytes.subarray(5)],
      ['bytes=-7', bytes.subarray(-7)],
      [`bytes=3-${bytes.length + 100}`, bytes.subarray(3)],
    ] as const) {
      const part = await get(`${attemptId}/log`, { range });
      expect(part.status).toBe(206);
      expect(Buffer.from(await part.arrayBuffer())).toEqual(expected);
    }
    expect((await get(`${attemptId}/log`, { range: `bytes=${bytes.length}-` })).status).toBe(416);
  });

  it('is followed live through another copy of the service, to its end, and goes on after a break', async () => {
    const known = await world.queue({
      steps: [{ name: 'script', script: 'echo one; while [ ! -e go ]; do sleep 0.1; done; echo two' }],
    });
    const { directory, ended } = await runWrapper(join(world.directory, 'node'), world.files(known));
    // Jobs speak to the copy that was started last.
    const first = await follow(`${known.attemptId}/log?follow`, 'one\n');
    expect(first.end).toBeUndefined();
    const rest = follow(`${known.attemptId}/log?follow`, undefined, 0, { 'last-event-id': first.last ?? '' });
    const [inside = ''] = (await readdir(directory)).filter((name) => /^slipway\.\d+$/.test(name));
    await writeFile(join(directory, inside, 'work', 'go'), '');
    await ended;
    const { text, end } = await rest;
    expect(text).toMatch(/^[^]*two\n[^]*succeeded/);
    expect(text).not.toContain('one');
    expect(end).toMatchObject({ state: 'succeeded' });
    expect(first.text + text).toBe(await world.log(known.attemptId));
  });

  it('is for those who may see its project', async () => {
    const { attemptId } = await done('echo secret');
    expect((await get(`${attemptId}/log`, { authorization: '' })).status).toBe(401);
    expect((await get(`${attemptId}/outputs`)).status).toBe(404);
    expect((await get(`${randomUUID()}/log`)).status).toBe(404);
    expect((await get('nonsense/log')).status).toBe(400);
  });
});

describe('the outputs of an attempt', () => {
  it('are listed, and had as a zip, in ranges, and one by one', async () => {
    const { attemptId } = await done('mkdir d; seq 1 5000 >d/n.txt; : >empty', ['d', 'empty']);
    const list = (await (await get(`${attemptId}/outputs`)).json()) as { bytes: number; files: unknown };
    expect(list).toMatchObject({
      files: [
        { path: 'd/n.txt', bytes: 23_893 },
        { path: 'empty', bytes: 0 },
      ],
    });
    const zip = Buffer.from(await (await get(`${attemptId}/outputs.zip`)).arrayBuffer());
    expect(zip.length).toBe(list.bytes);
    const end = await get(`${attemptId}/outputs.zip`, { range: 'bytes=-22' });
    expect(Buffer.from(await end.arrayBuffer())).toEqual(zip.subarray(-22));
    const file = await get(`${attemptId}/outputs/file?path=d/n.txt`);
    expect(file.headers.get('content-disposition')).toContain('attachment');
    expect((await file.text()).trim().split('\n')).toHaveLength(5_000);
    expect(await (await get(`${attemptId}/outputs/file?path=empty`)).text()).toBe('');
    expect((await get(`${attemptId}/outputs/file?path=../n.txt`)).status).toBe(404);
  });
});

describe('what the batch system brought back of a job without a way out', () => {
  const collector = (): TransferCollector => {
    const { ledger, logs, outputs, directory } = world;
    const news = { ended: () => undefined };
    return new TransferCollector({ ledger, logs, outputs, news, directory: join(directory, 'collecting') });
  };

  /** A batch system that copies what a job left. */
  const from = (place: string) => ({
    collect: async (_batchId: string, directory: string) => {
      await cp(place, directory, { recursive: true, verbatimSymlinks: true });
      return [];
    },
  });

  async function submitted(template: Parameters<EdgeWorld['queue']>[0]): Promise<KnownAttempt> {
    const known = await world.queue(template);
    const at = new Date();
    const facts = { batchId: '17.0' };
    await world.ledger.report(known.attemptId, { from: 'submitter', state: 'submitted', at, facts });
    return known;
  }

  it('is kept as if the job had sent it, once', async () => {
    const known = await submitted({
      steps: [{ name: 's', script: 'echo hello; echo r >r; exit 3' }],
      outputs: ['r'],
    });
    const files = world.files(known, { monitorUrl: undefined });
    const { directory, ended } = await runWrapper(join(world.directory, 'node'), files);
    expect((await ended).status).toBe(3);
    for (let times = 0; times < 2; times++)
      await collector().collect(await world.attempt(known.attemptId), from(directory));
    const attempt = await world.attempt(known.attemptId);
    expect(attempt).toMatchObject({ state: 'failed', exitCode: 3, reason: { fault: 'script-failed' } });
    expect((await world.log(known.attemptId)).match(/hello\n/g)).toHaveLength(1);
    expect((await world.outputs.find(attempt))?.files).toMatchObject([{ path: 'r', size: 2 }]);
  });

  it('is not followed where it is a link to something of ours, and says nothing where there is no end', async () => {
    const known = await submitted({ steps: [{ name: 's', script: 'true' }] });
    const place = await mkdtemp(join(world.directory, 'left-'));
    await writeFile(join(world.directory, 'ours'), 'a secret of ours');
    await symlink(join(world.directory, 'ours'), join(place, 'slipway.log'));
    await symlink(join(world.directory, 'ours'), join(place, 'slipway-outputs.tar.gz'));
    await collector().collect(await world.attempt(known.attemptId), from(place));
    expect(await world.log(known.attemptId)).toBe('');
    await waitFor(async () => (await world.attempt(known.attemptId)).state === 'submitted', {
      what: 'no end',
    });
  });
});
