import { readFile, rm } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Task } from './contestant.js';
import type { GeneratedLayer } from './generated-image.js';
import { run } from './measured.js';

/** What a peer is told more than we are: also what each layer hides, see `GeneratedLayer`. */
export interface PeerTask extends Task {
  /** A directory of its own for what it puts down on its way. */
  readonly scratch: string;
  readonly layers: readonly GeneratedLayer[];
  /** The Docker engine's socket; none where no engine can run. */
  readonly socket: string | undefined;
}

/** The tree from an image by other tools; resolves to the peak memory in MB, engines not counted. */
export type Peer = (task: PeerTask) => Promise<number>;

/** An engine pulls, its archive is written and unpacked, and the layers are unpacked one by one. */
export const dockerSave: Peer = async ({ registry, repository, digest, scratch, target, layers, socket }) => {
  const docker = (...args: string[]) => run('docker', ['--host', `unix://${socket}`, ...args]);
  const reference = `${registry}/${repository}@${digest}`;
  const archive = join(scratch, 'image.tar');
  const peaks = [await docker('pull', '--quiet', reference), await docker('save', '-o', archive, reference)];
  await mkdir(join(scratch, 'layers'));
  peaks.push(await run('tar', ['-xf', archive, '-C', join(scratch, 'layers')]));
  const manifest = JSON.parse(await readFile(join(scratch, 'layers', 'manifest.json'), 'utf8')) as {
    Layers: string[];
  }[];
  for (const [index, file] of (manifest[0]?.Layers ?? []).entries()) {
    peaks.push(await unpackLayer(join(scratch, 'layers', file), target, layers[index], '-xf'));
  }
  return Math.max(...peaks);
};

/** skopeo copies into an OCI layout, umoci unpacks it. */
export const umoci: Peer = async ({ registry, repository, digest, scratch, target }) => {
  const layout = `${join(scratch, 'layout')}:image`;
  const from = `docker://${registry}/${repository}@${digest}`;
  const rootless = process.getuid?.() === 0 ? [] : ['--rootless'];
  return Math.max(
    await run('skopeo', ['copy', '--quiet', '--src-tls-verify=false', from, `oci:${layout}`]),
    await run('umoci', ['unpack', ...rootless, '--image', layout, target]),
  );
};

/** curl fetches the blobs, all at once; GNU tar unpacks one after the other. */
export const gnuTar: Peer = async ({ registry, repository, scratch, target, layers }) => {
  const wanted = layers.flatMap(({ digest }, index) => [
    '-o',
    join(scratch, `layer-${index}`),
    `http://${registry}/v2/${repository}/blobs/${digest}`,
  ]);
  const peaks = [await run('curl', ['-sSfL', '--parallel', ...wanted])];
  for (const [index, layer] of layers.entries()) {
    peaks.push(await unpackLayer(join(scratch, `layer-${index}`), target, layer, '-xzf'));
  }
  return Math.max(...peaks);
};

/**
 * One layer over what is there. What it hides is known from the generator: a gift to the peer, which would have to read
 * the layer once more to find out.
 */
async function unpackLayer(
  file: string,
  target: string,
  layer: GeneratedLayer | undefined,
  mode: '-xf' | '-xzf',
): Promise<number> {
  await mkdir(target, { recursive: true });
  for (const path of layer?.hidden ?? []) await rm(join(target, path), { force: true });
  for (const path of layer?.opaque ?? []) await rm(join(target, path), { recursive: true, force: true });
  return run('tar', [mode, file, '-C', target, '--exclude=.wh.*', '--numeric-owner']);
}
