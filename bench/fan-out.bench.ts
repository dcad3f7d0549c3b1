import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCondor } from '#lab';
import { byCiJob, startSite } from './fan-out/by-ci-job.js';
import { byHand } from './fan-out/by-hand.js';
import { type Bench, type Row, sideBySide } from './report.js';

/** As many as the datasets of one campaign in CMS's test. */
const ITEMS = 411;
/** As much as a job does at least that is worth being one. */
const script = 'sleep 2; echo "$ITEM"';

const peer = 'condor_submit by hand';
const name = `${ITEMS} items of 2 s, from the request to the final state`;

/** One CI job over many items into a real HTCondor, beside condor_submit and condor_wait of the same by hand. */
export const bench: Bench = {
  title: `fan-out: a CI job over ${ITEMS} items, from GitLab to HTCondor and back`,
  bars: [{ case: name, metric: 'total', peer, atMost: 1.2 }],
  measure,
};

/** @param args how many rounds, and how many items; 3 and 411 unless told */
async function measure([rounds = '3', count = String(ITEMS)]: readonly string[]): Promise<readonly Row[]> {
  const items = Array.from({ length: Number(count) }, (_, index) => `set-${index}`);
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-fan-out-'));
  // PostgreSQL and HTCondor run as users of their own.
  chmodSync(directory, 0o711);
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const condor = await startCondor({ directory: join(directory, 'condor') });
    closing.push(() => condor.kill());
    const site = await startSite(condor, directory, closing);
    await byCiJob(site, ['first', 'second'], 'true');
    return await sideBySide({
      case: name,
      units: { total: 's' },
      rounds: Number(rounds),
      ours: () => byCiJob(site, items, script),
      peers: { [peer]: () => byHand(condor, items, script) },
    });
  } finally {
    for (const close of closing.reverse()) await close().catch(() => {});
    rmSync(directory, { recursive: true, force: true });
  }
}
