import type { SourceImage } from '#oci';
import { layersOf, sourceLab, type SourceLab } from './source-lab.js';
import { layerOfBytes, StandInRegistry, type Fault } from './stand-in-registry.js';

const platform = 'linux/amd64';
const size = 200_000;

describe('an image from a registry that does wrong', () => {
  let registry: StandInRegistry;
  let lab: SourceLab;
  let blob: Buffer;
  let blobPath: string;
  let digest: string;

  beforeEach(async () => {
    registry = await StandInRegistry.start();
    lab = await sourceLab();
    const layer = await layerOfBytes(size);
    blob = layer.blob as Buffer;
    digest = registry.putImage('team/app', [layer], { tags: ['v1'] }).digest;
    blobPath = `/v2/team/app/blobs/${layer.digest}`;
  });
  afterEach(async () => {
    await lab.close();
    await registry.stop();
  });

  const open = (signal = new AbortController().signal): Promise<SourceImage> =>
    lab.source.open({ registry: registry.host, repository: 'team/app', digest }, platform, { signal });
  const fetched = async () => layersOf(await open());
  /** The layer's blob goes wrong as often as there are faults; then it goes well. */
  const wrong = (...faults: (Fault | undefined)[]) => {
    registry.faults = (path, nth) => (path === blobPath ? faults[nth - 1] : undefined);
  };
  const always = (fault: Fault) => {
    registry.faults = (path) => (path === blobPath ? fault : undefined);
  };
  const ranges = () => registry.seen.filter(({ path }) => path === blobPath).map(({ range }) => range);
  const isWhole = async () => expect((await fetched())[0]?.equals(blob)).toBe(true);

  it('resumes where a broken connection left off', async () => {
    wrong({ kind: 'break', afterBytes: 50_000 }, { kind: 'break', afterBytes: 50_000 });
    await isWhole();
    expect(ranges()).toEqual([undefined, 'bytes=50000-', 'bytes=100000-']);
  });

  it('resumes after a stall and after a drip', async () => {
    wrong({ kind: 'stall', afterBytes: 60_000 }, { kind: 'drip', everyMs: 20 });
    await isWhole();
    expect(ranges()).toHaveLength(3);
  });

  it('begins anew where the server ignores ranges, gives wrong ones or refuses them', async () => {
    wrong({ kind: 'break', afterBytes: 50_000 }, { kind: 'ignore-range' });
    await isWhole();
  });

  it('begins anew where the server gives another range or refuses it', async () => {
    wrong(
      { kind: 'break', afterBytes: 50_000 },
      { kind: 'wrong-range' },
      { kind: 'break', afterBytes: 50_000 },
      { kind: 'status', status: 416 },
    );
    await isWhole();
    expect(ranges()).toEqual([undefined, 'bytes=50000-', undefined, 'bytes=50000-', undefined]);
  });

  it.each<Fault>([
    { kind: 'break', afterBytes: 0 },
    { kind: 'stall', afterBytes: 0 },
    { kind: 'ignore-range', breakAfterBytes: 1000 },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503 },
    { kind: 'status', status: 429 },
  ])('gives up with a temporary error when it goes on and on: %j', async (fault) => {
    always(fault);
    await expect(fetched()).rejects.toMatchObject({ temporary: true });
    expect(ranges().length).toBeLessThanOrEqual(6);
  });

  it('is not kept for ever by a server that gives a few bytes at a time', async () => {
    always({ kind: 'break', afterBytes: 10 });
    await expect(fetched()).rejects.toMatchObject({ code: 'registry.unreachable' });
    expect(ranges()).toHaveLength(4);
  });

  it('tries again after a short Retry-After', async () => {
    wrong({ kind: 'status', status: 429, headers: { 'retry-after': '1' } });
    await isWhole();
    expect(ranges()).toHaveLength(2);
  });

  it('hands a long Retry-After to whoever retries the message', async () => {
    always({ kind: 'status', status: 503, headers: { 'retry-after': '300' } });
    await expect(fetched()).rejects.toMatchObject({ temporary: true, retryAfterSeconds: 300 });
    expect(ranges()).toHaveLength(1);
  });

  it.each<[Fault, string]>([
    [{ kind: 'corrupt' }, 'registry.digest_mismatch'],
    [{ kind: 'longer', byBytes: 10 }, 'registry.size_mismatch'],
    [{ kind: 'status', status: 401 }, 'registry.unauthorized'],
    [{ kind: 'status', status: 403 }, 'registry.forbidden'],
    [{ kind: 'status', status: 400 }, 'registry.refused'],
  ])('refuses for good: %j is %s', async (fault, code) => {
    always(fault);
    await expect(fetched()).rejects.toMatchObject({ code, temporary: false });
  });

  it('believes the digest, not the first answer: one wrong transfer is fetched again', async () => {
    wrong({ kind: 'corrupt' });
    await isWhole();
  });

  it('takes no Content-Length’s word for it: what is missing is fetched', async () => {
    wrong({ kind: 'shorter', byBytes: 1000 });
    await isWhole();
    expect(ranges()).toEqual([undefined, `bytes=${blob.length - 1000}-`]);
  });

  it('says temporary to a tag or a blob that is not there yet', async () => {
    const name = { registry: registry.host, repository: 'team/app', tag: 'v2' };
    await expect(lab.source.resolve(name, platform)).rejects.toMatchObject({
      code: 'registry.not_found',
      temporary: true,
    });
    always({ kind: 'status', status: 404 });
    await expect(fetched()).rejects.toMatchObject({ code: 'registry.not_found', temporary: true });
  });

  it('says temporary to a registry that is not there', async () => {
    const { host } = registry;
    await registry.stop();
    const gone = lab.source.resolve({ registry: host, repository: 'team/app' }, platform);
    registry = await StandInRegistry.start();
    await expect(gone).rejects.toMatchObject({ code: 'registry.unreachable', temporary: true });
  });

  it('refuses a manifest of more than 4 MB and one that is not its digest', async () => {
    const manifest = `/v2/team/app/manifests/${digest}`;
    registry.faults = (path) =>
      path === manifest ? { kind: 'longer', byBytes: 4 * 1024 * 1024 } : undefined;
    await expect(fetched()).rejects.toMatchObject({ code: 'registry.too_large', temporary: false });
    registry.faults = (path) => (path === manifest ? { kind: 'longer', byBytes: 1 } : undefined);
    await expect(fetched()).rejects.toMatchObject({ code: 'registry.digest_mismatch', temporary: false });
  });

  it('ends a fetch at once when its image is closed or its signal says so', async () => {
    always({ kind: 'stall', afterBytes: 1000 });
    const image = await open();
    const layer = image.layers[0]?.ready();
    await image.close();
    await expect(layer).rejects.toMatchObject({ code: 'registry.aborted' });
    const controller = new AbortController();
    const second = await open(controller.signal);
    const again = second.layers[0]?.ready();
    controller.abort();
    await expect(again).rejects.toMatchObject({ code: 'registry.aborted' });
    await second.close();
  });

  it('goes on after a failed fetch with what had come', async () => {
    always({ kind: 'break', afterBytes: 40_000 });
    registry.faults = (path, nth) => {
      if (path !== blobPath) return undefined;
      return nth === 1 ? { kind: 'break', afterBytes: 120_000 } : { kind: 'status', status: 403 };
    };
    await expect(fetched()).rejects.toMatchObject({ code: 'registry.forbidden' });
    registry.faults = () => undefined;
    await isWhole();
    expect(ranges().at(-1)).toBe('bytes=120000-');
  });
});
