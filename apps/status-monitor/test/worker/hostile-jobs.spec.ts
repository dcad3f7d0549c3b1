import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { waitFor } from '#lab';
import { EdgeWorld, type KnownAttempt, tokenOf } from './edge-world.js';

let world: EdgeWorld;
let session: string;

beforeAll(async () => {
  world = await EdgeWorld.create(import.meta.url);
  await world.start({ SLIPWAY_LOG_MIB: '1', SLIPWAY_OUTPUT_MIB: '1' });
});

beforeEach(() => {
  session = randomBytes(16).toString('hex');
});

afterAll(() => world?.close());

const queue = (): Promise<KnownAttempt> => world.queue({ steps: [{ name: 'script', script: 'true' }] });

interface Call {
  readonly token?: string | undefined;
  readonly session?: string | undefined;
  readonly body?: string | Buffer;
}

async function call(
  attemptId: string,
  method: string,
  what: string,
  given: Call = {},
): Promise<[number, string]> {
  const { token = tokenOf(attemptId), body = '' } = given;
  const answer = await fetch(`${world.url}/worker/v1/attempts/${attemptId}/${what}`, {
    method,
    body,
    headers: { authorization: `Bearer ${token}`, 'x-slipway-session': given.session ?? session },
  });
  return [answer.status, await answer.text()];
}

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

async function tarOf(
  ...entries: readonly Parameters<ReturnType<typeof pack>['entry']>[0][]
): Promise<Buffer> {
  const packing = pack();
  for (const entry of entries) packing.entry(entry, entry.type === undefined ? 'content' : '');
  packing.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of packing as AsyncIterable<Buffer>) pieces.push(piece);
  return gzipSync(Buffer.concat(pieces));
}

const send = (attemptId: string, tar: Buffer): Promise<[number, string]> =>
  call(attemptId, 'PUT', `outputs?size=${tar.length}&sha256=${sha256(tar)}`, { body: tar });

describe('a hostile job', () => {
  it('speaks for its own attempt alone', async () => {
    const [mine, another] = [await queue(), await queue()];
    await call(another.attemptId, 'POST', 'start', { session: 'a'.repeat(32) });
    const tar = await tarOf({ name: 'x' });
    for (const token of [mine.token, 'nonsense', '', `${another.token}x`])
      for (const [method, what] of [
        ['POST', 'start'],
        ['POST', 'heartbeat'],
        ['PUT', 'log?offset=0'],
        ['PUT', `outputs?size=${tar.length}&sha256=${sha256(tar)}`],
        ['POST', 'end'],
      ] as const) {
        const [status, text] = await call(another.attemptId, method, what, {
          token,
          body: 'exit=0\nfault=\n',
        });
        expect([what, status, text]).toEqual([what, 401, expect.stringContaining('action=continue')]);
      }
    expect(await world.attempt(another.attemptId)).toMatchObject({
      state: 'running',
      session: 'a'.repeat(32),
    });
    expect(await world.log(another.attemptId)).toBe('');
  });

  it('gains nothing by the token that it read of another: the session is not in it', async () => {
    const { attemptId } = await queue();
    expect((await call(attemptId, 'POST', 'heartbeat'))[0]).toBe(403);
    expect((await call(attemptId, 'POST', 'start', { body: 'node=one\n' }))[0]).toBe(200);
    for (const what of ['start', 'heartbeat', 'end'])
      expect((await call(attemptId, 'POST', what, { session: 'b'.repeat(32), body: 'fault=\n' }))[0]).toBe(
        403,
      );
    expect((await call(attemptId, 'PUT', 'log?offset=0', { session: 'b'.repeat(32), body: 'x' }))[0]).toBe(
      403,
    );
    expect(await world.attempt(attemptId)).toMatchObject({ state: 'running' });
  });

  it('cannot fill the store: a log is cut with a word about it, outputs are refused', async () => {
    const { attemptId } = await queue();
    await call(attemptId, 'POST', 'start');
    const piece = Buffer.alloc(700_000, 'x');
    await call(attemptId, 'PUT', 'log?offset=0', { body: piece });
    const [, second] = await call(attemptId, 'PUT', 'log?offset=700000', { body: piece });
    expect(second).toBe('action=continue\nnext=1400000\nlog=full\n');
    await call(attemptId, 'PUT', 'log?offset=1400000', { body: 'more' });
    const log = await world.log(attemptId);
    expect(log.indexOf('\n')).toBe(1_048_576);
    expect(log).toMatch(/the log is cut here, for it is longer than the 1048576 bytes/);
    expect((await call(attemptId, 'PUT', 'log?offset=0', { body: Buffer.alloc(5 * 2 ** 20) }))[0]).toBe(413);
    expect((await send(attemptId, randomBytes(1_100_000)))[0]).toBe(413);
    const bomb = gzipSync(Buffer.alloc(30 * 2 ** 20));
    expect((await send(attemptId, bomb))[0]).toBe(200);
    expect((await world.outputs.find(await world.attempt(attemptId)))?.files).toEqual([]);
  });

  it('puts nothing outside of its outputs, and no link that leads there', async () => {
    const { attemptId } = await queue();
    await call(attemptId, 'POST', 'start');
    const tar = await tarOf(
      { name: '../escape' },
      { name: '/etc/escape' },
      { name: 'a/../../escape' },
      { name: 'link', type: 'symlink', linkname: '/etc/passwd' },
      { name: 'd/up', type: 'symlink', linkname: '../../x' },
      { name: 'd/fine', type: 'symlink', linkname: '../good' },
      { name: 'good' },
      { name: 'good' },
      { name: 'twin', type: 'link', linkname: 'good' },
      { name: 'device', type: 'character-device' },
    );
    expect((await send(attemptId, tar))[0]).toBe(200);
    const stored = await world.outputs.find(await world.attempt(attemptId));
    expect(stored?.files.map(({ path }) => path)).toEqual(['d/fine', 'good', 'twin']);
  });

  it('is refused what is no archive, and asked again for what came damaged', async () => {
    const { attemptId } = await queue();
    await call(attemptId, 'POST', 'start');
    expect((await send(attemptId, Buffer.from('no tar at all'.repeat(100))))[0]).toBe(422);
    const tar = await tarOf({ name: 'x' });
    const other = `outputs?size=${tar.length}&sha256=${'0'.repeat(64)}`;
    expect((await call(attemptId, 'PUT', other, { body: tar }))[0]).toBe(503);
    expect((await call(attemptId, 'PUT', 'outputs?size=x', { body: tar }))[0]).toBe(400);
    expect((await send(attemptId, tar))[0]).toBe(200);
  });

  it.each(['offset=-1', 'offset=1e3', '', 'offset=99999999999999999999', 'offset=0&offset=1'])(
    'is told that %s makes no sense',
    async (query) => {
      const { attemptId } = await queue();
      await call(attemptId, 'POST', 'start');
      expect((await call(attemptId, 'PUT', `log?${query}`, { body: 'x' }))[0]).toBe(400);
    },
  );

  it('cannot say words that are none', async () => {
    const { attemptId } = await queue();
    await call(attemptId, 'POST', 'start');
    const body = `exit=999\nsignal=-1\nfault=made-up\nwords=\u001b[31m${'w'.repeat(9_000)}\nended=99999999999\nnode=<b>\n`;
    expect((await call(attemptId, 'POST', 'end', { body }))[0]).toBe(200);
    const { state, reason, exitCode, node } = await world.attempt(attemptId);
    expect({ state, fault: reason?.fault, exitCode, node }).toEqual({
      state: 'failed',
      fault: 'node-failed',
      exitCode: undefined,
      node: undefined,
    });
    expect(reason?.words).toMatch(/^ \[31mw{4091}$/);
  });
});

describe('calls that come twice, late and in disorder', () => {
  it('count once', async () => {
    const { attemptId } = await queue();
    const start = (): Promise<[number, string]> => call(attemptId, 'POST', 'start', { body: 'node=n1\n' });
    expect([(await start())[0], (await start())[0]]).toEqual([200, 200]);
    expect(await call(attemptId, 'PUT', 'log?offset=5', { body: 'later' })).toEqual([
      409,
      'action=continue\nnext=0\n',
    ]);
    const all = Buffer.from('0123456789');
    const put = (from: number, until: number): Promise<[number, string]> =>
      call(attemptId, 'PUT', `log?offset=${from}`, { body: all.subarray(from, until) });
    await Promise.all([put(0, 6), put(0, 6), put(0, 4), put(0, 6)]);
    await waitFor(async () => (await put(4, 10))[0] === 200, { what: 'the rest to be taken' });
    await put(0, 10);
    expect(await world.log(attemptId)).toBe('0123456789');
    const end = { body: 'exit=3\nfault=script-failed\nwords=it failed\nlog=10\n' };
    expect([
      (await call(attemptId, 'POST', 'end', end))[0],
      (await call(attemptId, 'POST', 'end', end))[0],
    ]).toEqual([200, 200]);
    expect(await call(attemptId, 'POST', 'end', { body: 'exit=0\nfault=\n' })).toEqual([
      200,
      expect.any(String),
    ]);
    expect(await world.attempt(attemptId)).toMatchObject({ state: 'failed', exitCode: 3 });
    expect((await put(0, 10))[0]).toBe(410);
    expect(await call(attemptId, 'POST', 'heartbeat')).toEqual([
      410,
      expect.stringContaining('action=cancel'),
    ]);
    expect(await world.log(attemptId)).toBe('0123456789');
  });

  it('are asked to come again while the group is not known yet', async () => {
    expect((await call('0b3a2f6c-1111-8111-8111-111111111111', 'POST', 'start'))[0]).toBe(503);
  });

  it('say what is missing where the end of the log never came', async () => {
    const { attemptId } = await queue();
    await call(attemptId, 'POST', 'start');
    await call(attemptId, 'PUT', 'log?offset=0', { body: 'half\n' });
    await call(attemptId, 'POST', 'end', { body: 'exit=0\nfault=\nlog=25\n' });
    expect(await world.log(attemptId)).toContain('the last 20 bytes of the log did not arrive');
  });
});
