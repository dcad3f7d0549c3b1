import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeTree } from '../testing/layer-lab.js';
import { randomLayers, randomOf } from '../testing/random-image.js';
import { referenceTree, type ReferenceNode } from '../testing/reference-tree.js';
import { archive, type EntryOptions } from '../testing/tar-archive.js';
import { bytesOf } from '../tar/byte-source.js';
import { TarReader } from '../tar/tar-reader.js';
import { defaultLimits } from './limits.js';
import { TreeBuilder } from './tree-builder.js';

const refused = new Set([
  'layer.path_through_link',
  'layer.path_through_file',
  'layer.link_target_missing',
  'layer.link_invalid',
]);

/** In this thread, without workers: hundreds of images a second. */
function build(layers: readonly (readonly EntryOptions[])[], target: string): void {
  const builder = new TreeBuilder({
    target,
    owners: 'mine',
    limits: defaultLimits,
    layerCount: layers.length,
    additions: [],
  });
  const add = (layer: number): void =>
    builder.addLayer(layer, new TarReader(bytesOf(archive(...(layers[layer] ?? [])))));
  for (let layer = layers.length - 1; layer >= 0; layer--) add(layer);
  for (let wanted = builder.wanted(); wanted !== undefined; wanted = builder.wanted()) {
    wanted.layers.forEach(add);
  }
  builder.finish();
}

function describeReference(node: ReferenceNode): string {
  if (node.type === 'link') return `link ${node.target}`;
  const metadata = `${node.mode.toString(8)} ${node.mtime}`;
  return node.type === 'directory' ? `directory ${metadata}` : `file ${node.data} ${metadata}`;
}

describe('flattening random images', () => {
  it('gives what applying the layers one by one from the bottom gives', () => {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-random-'));
    let compared = 0;
    let withLinks = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const random = randomOf(seed);
      const layers = randomLayers(random, 1 + random(4), 8);
      let expected: Map<string, ReferenceNode>;
      try {
        expected = referenceTree(layers);
      } catch {
        continue;
      }
      const target = join(directory, String(seed));
      mkdirSync(target);
      try {
        build(layers, target);
      } catch (error) {
        // Where engines differ about what the image means it is refused.
        const { code } = error as { code?: string };
        if (refused.has(code ?? '')) continue;
        throw new Error(`seed ${seed}: ${JSON.stringify(layers)}`, { cause: error });
      }
      const wanted = [...expected].map(([path, node]) => [path, describeReference(node)] as const);
      const shown = layers.map((layer) => layer.map((e) => `${e.type ?? '0'} ${e.name} ${e.linkName ?? ''}`));
      expect({ seed, shown, tree: describeTree(target) }).toEqual({
        seed,
        shown,
        tree: Object.fromEntries(wanted.sort(([a], [b]) => (a < b ? -1 : 1))),
      });
      compared++;
      if (layers.flat().some(({ type }) => type === '1')) withLinks++;
    }
    rmSync(directory, { recursive: true, force: true });
    expect(compared).toBeGreaterThan(400);
    expect(withLinks).toBeGreaterThan(20);
  });
});
