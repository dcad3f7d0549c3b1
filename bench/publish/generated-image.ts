import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pushImage, type BuiltLayer } from '#oci';
import { contentPool, randomFrom } from './content-pool.js';
import { planImage, type ImageSize, type PlannedLayer } from './image-plan.js';
import { writeLayer } from './layer-writer.js';

/** An image on disk, ready to be pushed as often as one likes. */
export interface GeneratedImage {
  readonly layers: readonly GeneratedLayer[];
  /** Files and links of a right tree; with the changed top layer too. */
  readonly files: number;
  readonly entries: number;
  /** The top layer of the same image one commit later. */
  readonly changedTop: GeneratedLayer;
}

/** A layer, and what it hides: handed to the peers, who would have to look for it. */
export interface GeneratedLayer extends BuiltLayer {
  readonly hidden: readonly string[];
  readonly opaque: readonly string[];
}

/** What `--sizes` may name. Bytes, uncompressed, and files are those of all layers before one hides another's. */
export const sizes: Readonly<Record<string, ImageSize>> = {
  '120M': { bytes: 120e6, layers: 6, files: 5_000 },
  '1G': { bytes: 1e9, layers: 10, files: 32_000 },
  '4G': { bytes: 4e9, layers: 15, files: 90_000 },
};

/** The image that our process publishes before it is measured: no layer of it is in another. */
export const warmUp = 'warm-up';
const warmUpSize: ImageSize = { bytes: 100e6, layers: 7, files: 5_000 };

/** Raised when the generator makes other images, so that none of an earlier one is taken from `directory`. */
const version = 3;

/** Makes the image, or takes it from the directory where an earlier run left it. */
export async function generated(name: string, directory: string): Promise<GeneratedImage> {
  const size = name === warmUp ? warmUpSize : sizes[name];
  if (!size) throw new Error(`no such size: ${name}; there are ${Object.keys(sizes).join(', ')}`);
  const folder = join(directory, `${name}-v${version}`);
  const file = join(folder, 'image.json');
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as GeneratedImage;
  console.error(`  making the ${name} image in ${folder}`);
  await mkdir(folder, { recursive: true });
  const random = randomFrom(size.layers);
  const pool = contentPool(random);
  const plan = planImage(size, random);
  const write = async (layer: PlannedLayer, as: string, seed: number): Promise<GeneratedLayer> => {
    const built = await writeLayer(join(folder, as), layer.entries, pool, randomFrom(seed));
    return { ...built, hidden: layer.hidden, opaque: layer.opaque };
  };
  const layers: GeneratedLayer[] = [];
  // Two at once: gzip has a thread for each.
  for (let at = 0; at < plan.layers.length; at += 2) {
    const pair = plan.layers.slice(at, at + 2);
    const written = pair.map((layer, index) => write(layer, `layer-${at + index}`, at + index));
    layers.push(...(await Promise.all(written)));
  }
  const top = plan.layers.at(-1);
  if (!top) throw new Error('an image without layers');
  const changedTop = await write(top, 'layer-changed', 1000);
  const image = { layers, files: plan.files, entries: plan.entries, changedTop };
  await writeFile(file, JSON.stringify(image));
  return image;
}

/** Digests of an image, and of the same with its top layer changed. */
export interface Pushed {
  readonly first: string;
  readonly changed: string;
}

/** In lower case, which registries insist on: the sizes are not. */
export const repositoryOf = (name: string): string => `bench/${name.toLowerCase()}`;

/** Pushes the image, and the same with its top layer changed. */
export async function pushed(registry: string, name: string, image: GeneratedImage): Promise<Pushed> {
  const repository = repositoryOf(name);
  const first = await pushImage({ registry, repository, tags: ['v1'], layers: image.layers });
  const layers = [...image.layers.slice(0, -1), image.changedTop];
  const changed = await pushImage({ registry, repository, tags: ['v2'], layers });
  return { first: first.digest, changed: changed.digest };
}
