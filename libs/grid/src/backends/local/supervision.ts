import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { temporary } from '#errors';
import type { Layout } from './layout.js';

const startsWithinMs = 20_000;

/** Tells the supervisor that there is something to do, and starts it where there is none. */
export async function wake(layout: Layout, directory: string, house: string): Promise<void> {
  if (await knock(layout.socket)) return;
  start(layout, directory, house);
  const deadline = Date.now() + startsWithinMs;
  while (!(await knock(layout.socket))) {
    if (Date.now() > deadline)
      throw temporary(
        'grid.unavailable',
        `what runs jobs on this machine did not start; see ${join(layout.root, 'supervisor.log')}`,
      );
    await delay(50);
  }
}

function knock(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const door = connect({ path });
    door.once('connect', () => resolve(true)).once('error', () => resolve(false));
    door.once('connect', () => door.destroy());
  });
}

/** In a session of its own and with no environment of ours: it outlives the service. */
function start({ root }: Layout, directory: string, house: string): void {
  const log = openSync(join(root, 'supervisor.log'), 'a', 0o600);
  const program = fileURLToPath(new URL('./supervisor.main.js', import.meta.url));
  try {
    const child = spawn(process.execPath, [program, directory, house], {
      cwd: root,
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
    });
    child.on('error', () => undefined);
    child.unref();
  } finally {
    closeSync(log);
  }
}
