import { LayerStreams } from '../layers/layer-streams.js';
import { Linker } from './linker.js';
import { Unpacker } from './unpacker.js';

/** How long threads wait for the next image before they are ended, in milliseconds. */
const idleMs = 60 * 60_000;

/** The threads that make one tree at a time. */
export interface UnpackCrew {
  readonly streams: LayerStreams;
  readonly unpacker: Unpacker;
  readonly linker: Linker;
}

/** One crew waits: images come one after the other, and a thread that has compiled its code is worth more than a new one. */
let waiting: { readonly crew: UnpackCrew; readonly timer: NodeJS.Timeout } | undefined;

/** Threads for one tree. */
export function takeCrew(): UnpackCrew {
  if (waiting === undefined) return newCrew();
  const { crew, timer } = waiting;
  waiting = undefined;
  clearTimeout(timer);
  if (![crew.streams, crew.unpacker, crew.linker].every(({ isAlive }) => isAlive)) {
    void endCrew(crew);
    return newCrew();
  }
  hold(crew, true);
  return crew;
}

/** Gives threads back that have made a tree to its end; they do not keep the process alive while they wait. */
export async function returnCrew(crew: UnpackCrew): Promise<void> {
  if (waiting !== undefined) return endCrew(crew);
  hold(crew, false);
  const timer = setTimeout(() => {
    waiting = undefined;
    void endCrew(crew);
  }, idleMs);
  timer.unref();
  waiting = { crew, timer };
}

/** Ends threads at once, whatever they are about. */
export async function endCrew({ streams, unpacker, linker }: UnpackCrew): Promise<void> {
  await Promise.all([streams.stop(), unpacker.stop(), linker.stop()]);
}

function newCrew(): UnpackCrew {
  const [streams, linker] = [new LayerStreams(), new Linker()];
  return { streams, linker, unpacker: new Unpacker({ rings: streams.rings, links: linker.memory }) };
}

function hold({ streams, unpacker, linker }: UnpackCrew, isHeld: boolean): void {
  linker.hold(isHeld);
  streams.hold(isHeld);
  unpacker.hold(isHeld);
}
