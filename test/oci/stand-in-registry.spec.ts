import { request } from 'undici';
import { layerOfBytes, StandInRegistry, type Fault } from './stand-in-registry.js';

describe('the stand-in registry', () => {
  let registry: StandInRegistry;
  let url: string;
  let bytes: Buffer;
  beforeAll(async () => {
    registry = await StandInRegistry.start();
    const layer = await layerOfBytes(10_000);
    bytes = layer.blob as Buffer;
    url = `http://${registry.host}/v2/a/blobs/${registry.putBlob('a', bytes)}`;
  });
  afterAll(() => registry.stop());

  const get = async (fault: Fault | undefined, range?: string) => {
    registry.faults = () => fault;
    const answer = await request(url, { headers: range ? { range } : {}, bodyTimeout: 200 });
    const chunks: Buffer[] = [];
    const error = await (async () => {
      for await (const chunk of answer.body) chunks.push(chunk as Buffer);
    })().catch((thrown: unknown) => thrown as Error);
    return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks), error };
  };

  it('answers with the blob, and with the rest of it for a range', async () => {
    expect((await get(undefined)).body.equals(bytes)).toBe(true);
    const rest = await get(undefined, 'bytes=100-');
    expect(rest.status).toBe(206);
    expect(rest.body.equals(bytes.subarray(100))).toBe(true);
    expect((await get(undefined, 'bytes=99999-')).status).toBe(416);
  });

  it('breaks and stalls after the bytes that it was told', async () => {
    const broken = await get({ kind: 'break', afterBytes: 500 });
    expect(broken.body).toHaveLength(500);
    expect(broken.error).toMatchObject({ code: 'UND_ERR_SOCKET' });
    const stalled = await get({ kind: 'stall', afterBytes: 500 });
    expect(stalled.body).toHaveLength(500);
    expect(stalled.error).toMatchObject({ code: 'UND_ERR_BODY_TIMEOUT' });
  });

  it('sends other, more or fewer bytes', async () => {
    const { body } = await get({ kind: 'corrupt' });
    expect(body).toHaveLength(bytes.length);
    expect(body.equals(bytes)).toBe(false);
    expect((await get({ kind: 'longer', byBytes: 7 })).body).toHaveLength(bytes.length + 7);
    expect((await get({ kind: 'shorter', byBytes: 7 })).body).toHaveLength(bytes.length - 7);
  });

  it('ignores ranges, gives wrong ones, refuses and redirects', async () => {
    const whole = await get({ kind: 'ignore-range' }, 'bytes=100-');
    expect(whole.status).toBe(200);
    expect(whole.body).toHaveLength(bytes.length);
    const wrong = await get({ kind: 'wrong-range' }, 'bytes=100-');
    expect(wrong.headers['content-range']).toMatch(/^bytes 1-/);
    expect((await get({ kind: 'status', status: 429, headers: { 'retry-after': '3' } })).status).toBe(429);
    expect((await get({ kind: 'redirect', to: 'http://elsewhere/' })).headers.location).toBe(
      'http://elsewhere/',
    );
  });

  it('remembers who asked for what', async () => {
    await get(undefined, 'bytes=1-');
    expect(registry.seen.at(-1)).toMatchObject({ range: 'bytes=1-', authorization: undefined });
  });
});
