import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { layoutOf } from './layout.js';
import { Supervisor, thisMachine } from './supervisor.js';

/** Between two rounds, in milliseconds; a knock on the door ends the wait. */
const roundMs = 500;
/** With nothing to do for so long it ends, in milliseconds. */
const idleMs = 15_000;

const [, , directory, house] = process.argv;
if (directory === undefined || house === undefined) {
  process.stderr.write('usage: supervisor.main.js DIRECTORY HOUSE (the local backend starts it)\n');
  process.exit(2);
}

let knocked = new AbortController();
const door = createServer((visitor) => {
  visitor.on('error', () => undefined).end();
  knocked.abort();
});
const layout = layoutOf(directory, house);
// Another one is at work already: the name can be taken once.
door.once('error', () => process.exit(0));
await new Promise<void>((resolve) => door.listen({ path: layout.socket }, resolve));

const pin = spawnSync('taskset', ['--version']).status === 0;
const supervisor = new Supervisor(layout, thisMachine(), pin);
let idleSince = Date.now();
while (Date.now() - idleSince < idleMs) {
  knocked = new AbortController();
  await supervisor.round();
  if (!supervisor.isIdle) idleSince = Date.now();
  await delay(roundMs, undefined, { signal: knocked.signal }).catch(() => undefined);
}
process.exit(0);
