import { writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { startGitLab } from '../index.js';
import { parityCases } from '../parity/cases.js';
import { type JobOutcome, outcomeOf } from '../parity/outcome.js';
import { recordedFile, recordedOutcomes } from '../parity/recorded.js';
import { makeParityProject, startCase, untilOver } from '../parity/site.js';
import { startOfficialRunner } from './official-runner.js';

const CONCURRENT = 4;
const DEADLINE_MS = 600_000;

const [binary = '', ...flags] = process.argv.slice(2);
const records = flags.includes('--record');
const shows = flags.includes('--show');
const only = flags.find((flag) => !flag.startsWith('--'));

const gitlab = await startGitLab({ limits: { longPollMs: 500, traceIntervalSeconds: 1 } });
const project = await makeParityProject(gitlab);
const runner = await startOfficialRunner({
  binary,
  url: gitlab.url,
  token: gitlab.createRunner().token,
  concurrent: CONCURRENT,
});
const outcomes: Record<string, Record<string, JobOutcome>> = {};
let failed = 0;
try {
  const cases = parityCases.filter(({ name }) => only === undefined || name.includes(only));
  const pipelines = [];
  for (const each of cases) pipelines.push([each, await startCase(project, each)] as const);
  for (const [{ name }, pipeline] of pipelines) {
    await untilOver(pipeline, name, DEADLINE_MS);
    outcomes[name] = Object.fromEntries(pipeline.jobs().map((job) => [job.name, outcomeOf(job)]));
    if (shows)
      for (const job of pipeline.jobs())
        process.stdout.write(`=== ${name}: ${job.name}\n${job.trace.toString('utf8')}\n`);
  }
  for (const complaint of new Set(gitlab.complaints)) process.stdout.write(`note: ${complaint}\n`);
} catch (error) {
  process.stderr.write(`${runner.log()}\n`);
  throw error;
} finally {
  await runner.stop();
  await gitlab.close();
}
if (records) {
  const all = only === undefined ? outcomes : { ...(await recordedOutcomes()), ...outcomes };
  await writeFile(recordedFile, `${JSON.stringify(all, undefined, 2)}\n`);
}
const recorded = await recordedOutcomes();
for (const [name, outcome] of Object.entries(outcomes)) {
  const isSame = isDeepStrictEqual(outcome, recorded[name]);
  if (!isSame) {
    failed += 1;
    process.stdout.write(`${name}: not as recorded\n${JSON.stringify(outcome, undefined, 2)}\n`);
  }
}
process.stdout.write(`${Object.keys(outcomes).length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
