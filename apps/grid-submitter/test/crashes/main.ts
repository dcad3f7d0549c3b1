import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '#embedded';
import { CrashWorld } from './crash-world.js';
import { inOneFile } from './one-file.js';

/** `main.js KILLS`: kills a submitter so often, between submitting and recording. Exit status 1 where a job is doubled or forgotten. */
const kills = Number(process.argv[2] ?? '1000');

const directory = mkdtempSync(join(tmpdir(), 'slipway-crashes-database-'));
const postgres = await startPostgres({ directory, fast: true });
const main = await inOneFile('light-submitter.main.js');
const world = await CrashWorld.create({ url: postgres.url, schema: 'crashes' }, main);
const begun = performance.now();
const tell = (text: string): void => {
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  process.stdout.write(`${seconds} s: ${text}\n`);
};
let faults: readonly string[] = ['it did not come to an end'];
try {
  for (let n = 1; n <= kills; n++) {
    // Every other time anywhere else in its work.
    await world.refill();
    if (n % 2 === 0) await world.killAnywhere(Math.random);
    else await world.killBeforeTheAnswer();
    if (n % 25 === 0 || n === kills) tell(`killed ${n} times, with ${world.cutOff} submissions under way`);
  }
  await world.finish();
  faults = await world.faults();
  tell(faults.length === 0 ? 'no job is doubled, and none forgotten' : faults.join('\n'));
} finally {
  await world.close();
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}
process.exitCode = faults.length === 0 ? 0 : 1;
