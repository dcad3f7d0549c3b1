import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCondor } from '#lab';
import { byCiJob, startSite } from './fan-out/by-ci-job.js';
import { byHand } from './fan-out/by-hand.js';
import { type Bench, type Figures, type Row, sideBySide } from './report.js';

/** As many as the datasets of one campaign in CMS's test. */
const itemCount = 411;

/** As many as the services' two cores begin and end at once without that being what is measured. */
const slots = 64;

/** As little as a job can do: what is measured is what any job costs. */
const shortScript = 'sleep 2; echo "$ITEM"';

/** Twenty seconds, lines in between, and 100 KB that are wanted back: the shortest that anybody sends to a grid. */
const longScript = [
  'for part in 1 2 3 4; do sleep 5; echo "$ITEM: part $part of 4"; done',
  'head -c 100000 /dev/urandom >result',
].join('; ');
const result = 'result';

const naked = 'condor_submit by hand, nothing brought back';
const careful = 'condor_submit by hand, results brought back';
const short = 'items of 2 s, nothing brought back, from the request to the final state';
const long = 'items of 20 s with results, from the request to the final state';

/**
 * One CI job over many items into a real HTCondor, beside condor_submit and condor_wait of the same by hand.
 *
 * Items of 2 s say what a job costs: 64 of them at once are bound by the two cores that services, HTCondor and jobs
 * share, for the peer as well. Items of 20 s are what a batch system is for, and it is then its slots that bound both.
 * There the peer does the work that a careful person's jobs do: the same script, its result in a file of its own for
 * each item and what it said in another, brought back by HTCondor. It has neither a live log, nor one archive of all,
 * nor a monitor that is told of anything. Sources are brought by neither side: the lab's nodes have no git. The naked
 * peer runs the same script and leaves its result on the node, which nobody would do with 20 s of work.
 */
export const bench: Bench = {
  title: `fan-out: a CI job over ${itemCount} items, from GitLab to HTCondor and back`,
  bars: [
    { case: short, metric: 'total', peer: naked, atMost: 1.2 },
    { case: long, metric: 'total', peer: careful, atMost: 1.2 },
  ],
  measure,
};

/**
 * @param args how many rounds, how many items of 2 s and of 20 s, and `naked` where that peer is to run the long ones
 * too; 1, 411, 411 unless told. No items: that case is left out.
 */
async function measure(args: readonly string[]): Promise<readonly Row[]> {
  const [rounds = '1', shorts = String(itemCount), longs = String(itemCount), nakedToo] = args;
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-fan-out-'));
  // PostgreSQL and HTCondor run as users of their own.
  chmodSync(directory, 0o711);
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const condor = await startCondor({ directory: join(directory, 'condor'), slots: slots });
    closing.push(() => condor.kill());
    const site = await startSite(condor, directory, closing);
    await byCiJob(site, ['first', 'second'], 'true');
    const sideOf = (
      name: string,
      items: readonly string[],
      ours: () => Promise<Figures>,
      peers: Readonly<Record<string, () => Promise<Figures>>>,
    ): Promise<Row[]> =>
      items.length === 0
        ? Promise.resolve([])
        : sideBySide({
            case: items.length === itemCount ? name : `${items.length} ${name}`,
            units: { total: 's', 'handed out': 's' },
            rounds: Number(rounds),
            ours,
            peers,
          });
    const few = itemsOf(shorts);
    const many = itemsOf(longs);
    return [
      ...(await sideOf(short, few, () => byCiJob(site, few, shortScript), {
        [naked]: () => byHand(condor, few, shortScript),
      })),
      ...(await sideOf(long, many, () => byCiJob(site, many, longScript, result), {
        [careful]: () => byHand(condor, many, longScript, result),
        ...(nakedToo === undefined ? {} : { [naked]: () => byHand(condor, many, longScript) }),
      })),
    ];
  } finally {
    for (const close of closing.reverse()) await close().catch(() => {});
    rmSync(directory, { recursive: true, force: true });
  }
}

const itemsOf = (count: string): readonly string[] =>
  Array.from({ length: Number(count) }, (_, index) => `set-${index}`);
