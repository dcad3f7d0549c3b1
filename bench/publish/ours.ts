import { fork } from 'node:child_process';
import type { Done, Task } from './contestant.js';
import { ended, watchMemory } from './measured.js';
import { writeOut } from './publish-lab.js';

export interface Published extends Done {
  /** Peak of all its processes, MB. */
  readonly memory: number;
}

/** Our pipeline in a process of its own. Its start is not counted: the publisher runs before an image comes. */
export async function publishOurs(task: Task): Promise<Published> {
  const child = fork(new URL('./contestant.js', import.meta.url), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const end = ended(child, 'our pipeline');
  const heard = () => new Promise<unknown>((resolve) => child.once('message', resolve));
  await Promise.race([heard(), end]);
  const watch = watchMemory(child.pid ?? -1);
  let done = heard() as Promise<Done>;
  child.send(task);
  if (task.previous) {
    await Promise.race([done, end]);
    writeOut();
    done = heard() as Promise<Done>;
    child.send('go on');
  }
  try {
    const result = await Promise.race([done, end.then(() => done)]);
    return { ...result, memory: watch.stop() };
  } finally {
    watch.stop();
    await end;
  }
}
