import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** System time that making a file costs where nothing is wrong is a fifth of this, in microseconds. */
const slowMicroseconds = 150;
const deadlineMs = 7 * 60_000;
const directories = 40;
const filesEach = 25;

/**
 * Waits until files can be made at their ordinary price. ext4 does not reuse an inode for one to six minutes after its
 * file went, and looks at each such inode again for each new file: after many removals, whoever is measured next pays
 * up to thirty times as much. Judged by processor time, which does not depend on what else the machine does.
 */
export async function inodesAtRest(directory: string): Promise<void> {
  const end = Date.now() + deadlineMs;
  for (let probe = 0; ; probe++) {
    const cost = priceOfFiles(join(directory, `probe-${probe}`));
    if (cost < slowMicroseconds) return;
    if (Date.now() > end) {
      console.error(`  files still cost ${Math.round(cost)} µs each; the figures are too high, for all`);
      return;
    }
    if (probe === 0) console.error('  many files were removed here lately: waiting for their inodes to rest');
    await sleep(15_000);
  }
}

function priceOfFiles(directory: string): number {
  const { system } = process.cpuUsage();
  for (let at = 0; at < directories; at++) {
    const own = join(directory, String(at));
    mkdirSync(own, { recursive: true });
    for (let file = 0; file < filesEach; file++) writeFileSync(join(own, String(file)), '');
  }
  return (process.cpuUsage().system - system) / (directories * filesEach);
}
