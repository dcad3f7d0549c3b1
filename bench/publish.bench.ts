import { join } from 'node:path';
import type { Task } from './publish/contestant.js';
import { publishArguments, usage, type PublishArguments } from './publish/arguments.js';
import {
  generated,
  pushed,
  repositoryOf,
  sizes as imageSizes,
  warmUp,
  type GeneratedImage,
  type Pushed,
} from './publish/generated-image.js';
import { publishOurs } from './publish/ours.js';
import { dockerSave, gnuTar, umoci, type Peer } from './publish/peers.js';
import {
  coolDown,
  countFiles,
  dropLarge,
  freshRun,
  openLab,
  startEngine,
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
    { case: `${size} moved tag`, metric: 'seconds', peer: 'anew', atMost: 0.2 },
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
    const lab = await openLab();
    try {
      const rows: Row[] = [];
      const images = chosen.keep ?? join(lab.directory, 'images');
      const small = await pushed(lab.registry.host, warmUp, await generated(warmUp, images));
      for (const size of chosen.sizes)
        rows.push(...(await measureSize(size, { ...chosen, images, warmUp: small }, lab)));
      return rows;
    } finally {
      await lab.close();
    }
  },
};

interface Chosen extends PublishArguments {
  /** Where generated images are. */
  readonly images: string;
  /** Digests of the image that our process publishes before it is measured, and of what its tag moves to. */
  readonly warmUp: Pushed;
}

async function measureSize(size: string, chosen: Chosen, lab: PublishLab): Promise<readonly Row[]> {
  const image = await generated(size, chosen.images);
  const digests = await pushed(lab.registry.host, size, image);
  const rounds = size === '4G' ? chosen.largeRounds : chosen.rounds;
  console.error(`  ${size}: ${image.entries} entries, ${image.files} files left, median of ${rounds}`);
  const run: Run = { size, image, lab, ...digests, warmUp: chosen.warmUp, repository: repositoryOf(size) };
  const rows = await sideBySide({
    case: size,
    units,
    rounds,
    ours: () => ours(run),
    peers: Object.fromEntries(chosen.peers.map((name) => [name, () => theirs(name, run)])),
  });
  const movedRows = await sideBySide({
    case: `${size} moved tag`,
    units,
    rounds,
    ours: () => moved(run, true),
    peers: { anew: () => moved(run, false) },
  });
  return [...rows, ...movedRows].map((one) =>
    one.metric === 'memory'
      ? row(one.case, one.metric, one.unit, one.ours, { limit: memoryLimit, ...one.beside })
      : one,
  );
}

interface Run {
  readonly size: string;
  readonly image: GeneratedImage;
  readonly lab: PublishLab;
  readonly repository: string;
  /** Digest of the image, and of the same with its top layer changed. */
  readonly first: string;
  readonly changed: string;
  readonly warmUp: Pushed;
}

/** `copies`: how often the image's bytes are on the disk at most. */
async function taskOf(
  { size, lab, repository, first }: Run,
  copies: number,
): Promise<Task & { directory: string }> {
  const room = (imageSizes[size]?.bytes ?? 0) * copies + 1e9;
  const directory = await freshRun(lab, room);
  const { host: registry } = lab.registry;
  const [cache, target] = [join(directory, 'cache'), join(directory, 'tree')];
  return { registry, repository, digest: first, cache, target, directory };
}

/** Ours, from nothing but a warm process. */
async function ours(run: Run): Promise<Figures> {
  const task = await taskOf(run, 2);
  return figuresOf(run, { ...task, warmUp: { ...smallOf(task), digest: run.warmUp.first } });
}

const smallOf = ({ directory }: { readonly directory: string }) => ({
  repository: repositoryOf(warmUp),
  target: join(directory, 'warm-up'),
});

/**
 * Ours once the tag has moved: with what the same process made for the old image, or without using that. Either has moved
 * another tag before.
 */
async function moved(run: Run, isUsed: boolean): Promise<Figures> {
  const task = await taskOf(run, 3);
  const cache = isUsed ? task.cache : `${task.cache}-before`;
  const previous = { digest: run.first, target: join(task.directory, 'before'), cache, isUsed };
  const small = { ...smallOf(task), digest: run.warmUp.first, changed: run.warmUp.changed };
  return figuresOf(run, { ...task, digest: run.changed, previous, warmUp: small });
}

async function figuresOf(run: Run, task: Task & { directory: string }): Promise<Figures> {
  const { seconds, memory, files } = await publishOurs(task);
  await dropLarge(task.directory);
  if (files !== run.image.files) throw new Error(`our tree has ${files} files, not ${run.image.files}`);
  return { seconds, memory };
}

async function theirs(name: string, run: Run): Promise<Figures> {
  const peer = peers[name];
  if (!peer) throw new Error(`no such peer: ${name}`);
  const task = await taskOf(run, name === 'docker-save' ? 5 : 2);
  // An engine of its own: one that has the layers already would have nothing to pull.
  const engine = name === 'docker-save' ? await startEngine(join(task.directory, 'd')) : undefined;
  try {
    coolDown();
    const from = performance.now();
    const { layers } = run.image;
    const memory = await peer({ ...task, scratch: task.directory, layers, socket: engine?.socketPath });
    const seconds = (performance.now() - from) / 1000;
    const files = await countFiles(name === 'umoci' ? join(task.target, 'rootfs') : task.target);
    if (files !== run.image.files)
      throw new Error(`${name}’s tree has ${files} files, not ${run.image.files}`);
    return { seconds, memory };
  } finally {
    await engine?.stop();
    await dropLarge(task.directory);
  }
}
