import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCondor } from '#lab';
import { byBackend, openHtcondor } from './grid-submit/by-backend.js';
import { byCommand, startSubmitter } from './grid-submit/by-command.js';
import { byHand } from './grid-submit/by-hand.js';
import { type Bench, type Figures, type Row, row, sideBySide } from './report.js';

/** As many as the datasets of one campaign in CMS's test. */
const groupSize = 411;
const large = 10_000;

const peer = 'condor_submit by hand';
const cases = {
  backend: `${groupSize} jobs, the backend alone`,
  command: `${groupSize} jobs, from job.submit to the last job.submitted`,
} as const;

/** From a group until HTCondor has all of its jobs, beside condor_submit of the same jobs by hand. */
export const bench: Bench = {
  title: `grid-submit: ${groupSize} jobs, and ${large} by late materialization, into a real HTCondor`,
  bars: Object.values(cases).map((name) => ({ case: name, metric: 'submitted', peer, atMost: 1.5 })),
  measure,
};

/** @param args how many rounds (3 unless told), and which of `backend`, `command` and `large` alone; all without one */
async function measure(args: readonly string[]): Promise<readonly Row[]> {
  const [rounds = '3', ...wanted] = args;
  const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-grid-'));
  // PostgreSQL and HTCondor run as users of their own.
  chmodSync(directory, 0o711);
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const condor = await startCondor({ directory: join(directory, 'condor') });
    closing.push(() => condor.kill());
    const submitter = await startSubmitter(condor, directory, closing);
    const backend = await openHtcondor(condor);
    const peers = { [peer]: () => byHand(condor, groupSize) };
    const beside = { units: { submitted: 'ms' }, rounds: Number(rounds), peers };
    const rows: Row[] = [];
    await byCommand(condor, submitter, 1);
    if (isWanted('backend')) {
      const ours = (): Promise<Figures> => byBackend(condor, backend, groupSize);
      rows.push(...(await sideBySide({ case: cases.backend, ...beside, ours })));
    }
    if (isWanted('command')) {
      const ours = (): Promise<Figures> => byCommand(condor, submitter, groupSize);
      rows.push(...(await sideBySide({ case: cases.command, ...beside, ours })));
    }
    if (isWanted('large')) {
      const name = `${large} jobs, from job.submit to the last job.submitted`;
      rows.push(await once(`${large} jobs, the backend alone`, byBackend(condor, backend, large)));
      rows.push(await once(name, byCommand(condor, submitter, large)));
    }
    return rows;
  } finally {
    for (const close of closing.reverse()) await close().catch(() => {});
    rmSync(directory, { recursive: true, force: true });
  }
}

async function once(name: string, figures: Promise<Figures>): Promise<Row> {
  return row(name, 'submitted', 'ms', (await figures)['submitted'] ?? NaN, {});
}
