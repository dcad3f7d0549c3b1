import { announceLab, labConfig } from '../../../../test/lab/config.js';
import { openLab } from '../../../../test/lab/lab.js';
import { BridgeWorld } from '../bridge-world.js';
import { narrow } from './jobs.js';
import { rehearse } from './rehearsal.js';

/** `main.js MINUTES`: GitLab goes away for so long in the middle of CI jobs. Exit status 1 where anything is lost. */
const minutes = Number(process.argv[2] ?? '10');

const begun = performance.now();
const tell = (text: string): void => {
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  process.stdout.write(`${seconds} s: ${text}\n`);
};
const lab = await openLab(labConfig());
announceLab(lab.url);
let failed = true;
try {
  const world = await BridgeWorld.create({
    testPath: import.meta.url,
    furtherBackends: [narrow],
    // As it comes, not as the tests have it.
    env: { SLIPWAY_LONGEST_RETRY_MS: '30000', SLIPWAY_ASK_MS: '3000', SLIPWAY_LEASE_SECONDS: '15' },
  });
  try {
    await world.start();
    const delivered = await rehearse(world, minutes * 60_000, tell);
    for (const { name, when, firstWord, end } of delivered)
      tell(
        `${name} (${when}): first word ${firstWord.toFixed(1)} s after, its end ${end.toFixed(1)} s after`,
      );
    const faults = [
      ...delivered.flatMap((of) => of.faults.map((fault) => `${of.name}: ${fault}`)),
      ...world.gitlab.complaints,
    ];
    tell(faults.length === 0 ? 'nothing is lost, and nothing came twice' : faults.join('\n'));
    failed = faults.length > 0;
  } finally {
    await world.close();
  }
} finally {
  await lab.close();
}
process.exit(failed ? 1 : 0);
