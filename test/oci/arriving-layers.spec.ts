import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildLayer, discardTree, flatten, type BuiltLayer } from '#oci';
import { sourceLab, type SourceLab } from './source-lab.js';
import { StandInRegistry, type Fault } from './stand-in-registry.js';

const content = randomBytes(3_000_000);

describe('a tree of layers that a registry sends wrong', () => {
  let registry: StandInRegistry;
  let lab: SourceLab;
  let directory: string;
  let layer: BuiltLayer;
  let digest: string;
  beforeEach(async () => {
    registry = await StandInRegistry.start();
    lab = await sourceLab();
    directory = await mkdtemp(join(tmpdir(), 'slipway-arriving-'));
    layer = await buildLayer([{ name: 'data', content }]);
    digest = registry.putImage('team/app', [layer]).digest;
  });
  afterEach(async () => {
    await lab.close();
    await registry.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const wrong = (fault: (nth: number) => Fault | undefined): void => {
    registry.faults = (path, nth) => (path.endsWith(layer.digest) ? fault(nth) : undefined);
  };
  const target = (): string => join(directory, 'tree');
  const unpacked = async (): Promise<void> => {
    const { signal } = new AbortController();
    const image = { registry: registry.host, repository: 'team/app', digest };
    const opened = await lab.source.open(image, 'linux/amd64', { signal });
    try {
      await flatten({ layers: opened.layers, target: target(), owners: 'mine' });
    } finally {
      await opened.close();
    }
  };

  it.each<[string, Fault]>([
    ['its bytes are wrong once', { kind: 'corrupt' }],
    ['the connection breaks', { kind: 'break', afterBytes: 2_000_000 }],
    ['it stalls', { kind: 'stall', afterBytes: 2_000_000 }],
  ])('is right though %s', async (_, fault) => {
    wrong((nth) => (nth === 1 ? fault : undefined));
    await unpacked();
    expect(readdirSync(target())).toEqual(['data']);
    expect(readFileSync(join(target(), 'data')).equals(content)).toBe(true);
  });

  it('is right though the answer begins anew and was wrong before', async () => {
    wrong((nth) => {
      if (nth === 1) return { kind: 'break', afterBytes: 2_000_000 };
      return nth === 2 ? { kind: 'ignore-range' } : undefined;
    });
    await unpacked();
    expect(readFileSync(join(target(), 'data')).equals(content)).toBe(true);
  });

  it('is not made of wrong bytes, whatever they say', async () => {
    wrong(() => ({ kind: 'corrupt' }));
    await expect(unpacked()).rejects.toMatchObject({ code: 'registry.digest_mismatch' });
    await discardTree(target());
  });

  it('leaves nothing in the cache but the blobs', async () => {
    await unpacked();
    const left = readdirSync(lab.directory, { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => /lease|partial/.test(name))).toEqual([]);
  });
});
