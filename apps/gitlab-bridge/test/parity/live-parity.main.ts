import { writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type TestGitLab } from '../../../../test/gitlab/index.js';
import { officialOutcomes } from '../../../../test/gitlab/official-runner/official-outcomes.js';
import { parityCases } from '../../../../test/gitlab/parity/cases.js';
import { compare, detailOf, rowOf, tableHead } from '../../../../test/gitlab/parity/compare.js';
import { type ParityCase } from '../../../../test/gitlab/parity/parity-job.js';
import { recordedFile, recordedOutcomes } from '../../../../test/gitlab/parity/recorded.js';
import { type CaseOutcomes, runCases } from '../../../../test/gitlab/parity/site.js';
import { announceLab, labConfig } from '../../../../test/lab/config.js';
import { openLab } from '../../../../test/lab/lab.js';
import { createParityWorld } from './parity-world.js';

// What bin/test-official-runner runs: the cases by the official runner, then by Slipway, at the same GitLab.

type Outcomes = ReadonlyMap<string, CaseOutcomes>;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

async function main([binary = '', ...args]: readonly string[]): Promise<number> {
  const only = args.filter((arg) => !arg.startsWith('--'));
  const cases = parityCases.filter(
    ({ name }) => only.length === 0 || only.some((words) => name.includes(words)),
  );
  const lab = await openLab(labConfig());
  announceLab(lab.url);
  try {
    const { world, projects } = await createParityWorld(import.meta.url);
    try {
      const { gitlab } = world;
      const official = await officialOutcomes(binary, gitlab, projects, cases);
      if (args.includes('--show')) showTraces(gitlab);
      if (args.includes('--record')) await record(official, only.length === 0);
      const unrecorded = await asRecorded(official);
      if (args.includes('--official-only')) return unrecorded;
      const [complaints, jobs] = [gitlab.complaints.length, gitlab.jobs.length];
      for (const complaint of new Set(gitlab.complaints)) say(`note: of the official runner: ${complaint}`);
      await world.start();
      const slipway = await runCases(projects, cases);
      if (args.includes('--show')) showTraces(gitlab, jobs);
      for (const complaint of gitlab.complaints.slice(complaints)) say(`of Slipway: ${complaint}`);
      const different = report(cases, official, slipway);
      return unrecorded + different + gitlab.complaints.length - complaints;
    } finally {
      await world.close();
    }
  } finally {
    await lab.close();
  }
}

/** Prints the table, and gives how many jobs differ that are not meant to. */
function report(cases: readonly ParityCase[], official: Outcomes, slipway: Outcomes): number {
  tableHead.forEach(say);
  const counts = { equal: 0, meant: 0, different: 0 };
  const details: string[] = [];
  for (const each of cases) {
    for (const row of compare(each, official.get(each.name) ?? {}, slipway.get(each.name) ?? {})) {
      say(rowOf(each.name, row));
      if (row.different.length > 0) details.push(`${each.name}: ${row.job}\n${detailOf(row)}`);
      counts[row.different.length > 0 ? 'different' : row.meant === undefined ? 'equal' : 'meant'] += 1;
    }
  }
  details.forEach(say);
  say(
    `${cases.length} cases live: ${counts.equal} jobs equal, ${counts.meant} unlike as meant, ${counts.different} different`,
  );
  return counts.different;
}

async function record(official: Outcomes, isAll: boolean): Promise<void> {
  const all = { ...(isAll ? {} : await recordedOutcomes()), ...Object.fromEntries(official) };
  await writeFile(recordedFile, `${JSON.stringify(all, undefined, 2)}\n`);
}

/** Gives how many cases the official runner ran otherwise than is recorded of it. */
async function asRecorded(official: Outcomes): Promise<number> {
  const recorded = await recordedOutcomes();
  const other = [...official].filter(([name, outcome]) => !isDeepStrictEqual(outcome, recorded[name]));
  for (const [name, outcome] of other)
    say(`${name}: the official runner, not as recorded\n${JSON.stringify(outcome, undefined, 2)}`);
  say(`${official.size} cases by the official runner, ${other.length} not as recorded`);
  return other.length;
}

function showTraces(gitlab: TestGitLab, from = 0): void {
  for (const job of gitlab.jobs.slice(from)) {
    say(
      `=== ${from === 0 ? 'official' : 'Slipway'}: ${job.definition.script.join('; ')}\n${job.trace.toString('utf8')}`,
    );
  }
}

process.exit((await main(process.argv.slice(2))) === 0 ? 0 : 1);
