import { join } from 'node:path';
import type { Task } from './publish/contestant.js';
import { publishArguments, usage, type PublishArguments } from './publish/arguments.js';
import { generated, pushed, type GeneratedImage } from './publish/generated-image.js';
import { publishOurs } from './publish/ours.js';
import { dockerSave, gnuTar, umoci, type Peer } from './publish/peers.js';
import {
  coolDown,
  countFiles,
  emptied,
  emptyEngine,
  openLab,
  type PublishLab,
} from './publish/publish-lab.js';
import { row, sideBySide, type Bench, type Figures, type Row } from './report.js';

const units = { seconds: 's', memory: 'MB' };
const peers: Readonly<Record<string, Peer>> = { 'docker-save': dockerSave, umoci, 'gnu-tar': gnuTar };
const sizes = ['120M', '1G', '4G'];
/** MB that the publisher may take at any size. */
const memoryLimit = 350;

/** An image in a registry becomes a directory tree. See `--help` for what can be chosen. */
export const bench: Bench = {
  title: 'image → tree, beside an engine’s archive, umoci and GNU tar',
  bars: sizes.flatMap((size) => [
    { case: size, metric: 'seconds', peer: 'docker-save', atMost: 0.15 },
    { case: size, metric: 'seconds', peer: 'umoci', atMost: 0.25 },
    { case: size, metric: 'seconds', peer: 'gnu-tar', atMost: 0.5 },
    { case: size, metric: 'memory', peer: 'limit', atMost: 1 },
  ]),
  async measure(args) {
    const chosen = publishArguments(args);
    if (!chosen) {
      console.log(usage);
      process.exit(0);
    }
    const lab = await openLab(chosen.peers.includes('docker-save'));
    try {
      const rows: Row[] = [];
      for (const size of chosen.sizes) rows.push(...(await measureSize(size, chosen, lab)));
      return rows;
    } finally {
      await lab.close();
    }
  },
};

async function measureSize(size: string, chosen: PublishArguments, lab: PublishLab): Promise<readonly Row[]> {
  const image = await generated(size, chosen.keep ?? join(lab.directory, 'images'));
  const digests = await pushed(lab.registry.host, size, image);
  const rounds = size === '4G' ? chosen.largeRounds : chosen.rounds;
  console.error(`  ${size}: ${image.entries} entries, ${image.files} files left, median of ${rounds}`);
  const task: Task = {
    registry: lab.registry.host,
    repository: `bench/${size.toLowerCase()}`,
    digest: digests.first,
    cache: join(lab.directory, 'cache'),
    target: join(lab.directory, 'tree', 'ours'),
  };
  const names = chosen.peers.filter((name) => name !== 'docker-save' || lab.socket !== undefined);
  const rows = await sideBySide({
    case: size,
    units,
    rounds,
    ours: () => ours(task, image, lab),
    peers: Object.fromEntries(names.map((name) => [name, () => theirs(name, task, image, lab)])),
  });
  return rows.map((one) =>
    one.metric === 'memory'
      ? row(one.case, one.metric, one.unit, one.ours, { limit: memoryLimit, ...one.beside })
      : one,
  );
}

async function ours(task: Task, image: GeneratedImage, lab: PublishLab): Promise<Figures> {
  await emptied(join(lab.directory, 'tree'));
  await emptied(task.cache);
  coolDown();
  const { seconds, fetchSeconds, memory, files } = await publishOurs(task);
  if (files !== image.files) throw new Error(`our tree has ${files} files instead of ${image.files}`);
  await emptied(join(lab.directory, 'tree'));
  await emptied(task.cache);
  return { seconds, memory, fetchSeconds };
}

async function theirs(name: string, task: Task, image: GeneratedImage, lab: PublishLab): Promise<Figures> {
  const peer = peers[name];
  if (!peer) throw new Error(`no such peer: ${name}`);
  const target = join(await emptied(join(lab.directory, 'tree')), name);
  const scratch = await emptied(join(lab.directory, 'scratch'));
  emptyEngine(lab.socket);
  coolDown();
  const from = performance.now();
  const memory = await peer({ ...task, target, scratch, layers: image.layers, socket: lab.socket });
  const seconds = (performance.now() - from) / 1000;
  const files = await countFiles(name === 'umoci' ? join(target, 'rootfs') : target);
  if (files !== image.files) console.error(`  ${name} left ${files} files instead of ${image.files}`);
  await emptied(join(lab.directory, 'tree'));
  await emptied(join(lab.directory, 'scratch'));
  emptyEngine(lab.socket);
  return { seconds, memory };
}
