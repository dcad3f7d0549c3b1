import { fork } from 'node:child_process';
import type { Done, Task } from './contestant.js';
import { ended, watchMemory } from './measured.js';
import { coolDown, writeOut } from './publish-lab.js';

/** Its `seconds` begin in a process that runs already; a peer's hold the start of its programs too. */
export interface Published extends Done {
  /** Peak of all its processes, MB. */
  readonly memory: number;
}

/**
 * Our pipeline in a process of its own, from a rest of the disk to the end of its work. Its start and what it publishes to
 * warm up are not counted: the publisher runs before an image comes. Its memory is, from the beginning.
 */
export async function publishOurs(task: Task): Promise<Published> {
  const child = fork(new URL('./contestant.js', import.meta.url), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const end = ended(child, 'our pipeline');
  const heard = () => new Promise<unknown>((resolve) => child.once('message', resolve));
  await Promise.race([heard(), end]);
  const watch = watchMemory(child.pid ?? -1);
  const isReady = heard();
  child.send(task);
  try {
    await Promise.race([isReady, end]);
    // What a moved tag takes from was made just now; all else is as cold as for the peers.
    if (task.previous) writeOut();
    else coolDown();
    const done = heard() as Promise<Done>;
    child.send('go on');
    const result = await Promise.race([done, end.then(() => done)]);
    return { ...result, memory: watch.stop() };
  } finally {
    watch.stop();
    await end;
  }
}
