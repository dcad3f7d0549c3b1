import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectBus, silentLogger } from '#bus';
import { jobCancel } from '#contracts';
import { waitFor } from '#lab';
import type { TestJob } from '../../../../test/gitlab/index.js';
import { unzippedIn } from '../artifacts/zips.js';
import type { BridgeWorld } from '../bridge-world.js';
import { type OutageJob, outageJobs } from './jobs.js';

/** What came of one job: main.ts prints it, the long test expects no faults. */
export interface Delivered {
  readonly name: string;
  readonly when: string;
  /** In seconds after GitLab was back: the first word of it, and its end. */
  readonly firstWord: number;
  readonly end: number;
  /** What is not as it has to be. */
  readonly faults: readonly string[];
}

interface Running {
  readonly plan: OutageJob;
  readonly job: TestJob;
}

/** A person would give up later. */
const patienceMs = 300_000;

/** Jobs in all phases at once, GitLab away for so long in their middle, and what came of each. */
export async function rehearse(
  world: BridgeWorld,
  outageMs: number,
  tell: (text: string) => void,
): Promise<readonly Delivered[]> {
  const { gitlab } = world;
  const countOf = (name: string): string => join(world.directory, `${name}.count`);
  gitlab.limits.storingPuts = Number.MAX_SAFE_INTEGER;
  const running = await begin(world, outageJobs(Math.ceil(outageMs / 1_000), countOf));
  tell(`${running.length} CI jobs: GitLab goes away`);
  await gitlab.goDown();
  const awayAt = Date.now();
  await pause(outageMs / 4);
  await cancelOnGrid(world, jobOf(running, 'cancelled'));
  tell('one is cancelled on the grid');
  await pause(Math.max(0, awayAt + outageMs - Date.now()));
  tell(`the bridge has: ${await phases(world)}`);
  gitlab.limits.storingPuts = 1;
  await gitlab.comeBack();
  const backAt = Date.now();
  tell('GitLab is back');
  await waitFor(() => running.every(({ job }) => job.isOver), {
    what: 'all CI jobs to be over',
    deadlineMs: patienceMs,
  }).catch((error: unknown) => tell(String(error)));
  const delivered = running.map(async ({ plan, job }): Promise<Delivered> => {
    const words = gitlab.requests.filter(
      ({ path, startedAt }) => startedAt >= backAt && path.includes(`/jobs/${job.id}`),
    );
    const seconds = (at: number | undefined): number => ((at ?? Number.NaN) - backAt) / 1_000;
    const faults = await faultsOf(world, { plan, job }, countOf(plan.name));
    const { name, when } = plan;
    return { name, when, firstWord: seconds(words[0]?.startedAt), end: seconds(job.since()), faults };
  });
  return Promise.all(delivered);
}

/** Until each is where it has to be when GitLab goes away. */
async function begin(world: BridgeWorld, plans: readonly OutageJob[]): Promise<readonly Running[]> {
  const { project, gitlab } = world;
  const start = async (yaml: string): Promise<readonly TestJob[]> =>
    (await project.runPipeline({ yaml })).jobs();
  const jobs: TestJob[] = [];
  const begun = async (...names: readonly string[]): Promise<void> => {
    const these = plans.filter(({ name }) => names.includes(name));
    jobs.push(...(await start(these.map(({ yaml }) => yaml).join(''))));
  };
  const named = (name: string): TestJob | undefined => jobs.find((job) => job.name === name);
  const until = (what: string, holds: () => boolean): Promise<unknown> =>
    waitFor(holds, { what, deadlineMs: 300_000 });
  // Two run at a time, for more does a machine of two cores not: these are done with that.
  await begun('uploading', 'finishing');
  const path = `/jobs/${named('uploading')?.id}/`;
  const upload = gitlab.faults.add({ call: 'upload', path, delayMs: 240_000, cut: true });
  await until('an upload', () => upload.left() === 0);
  await until('an end to be told', () => named('finishing')?.updates.at(-1)?.state === 'success');
  await begun('growing', 'ending');
  await until('logs to arrive', () =>
    ['growing', 'ending'].every((name) => named(name)?.trace.includes('line 2\n')),
  );
  await begun('cancelled', 'queued');
  await until('the last ones to be taken', () =>
    ['cancelled', 'queued'].every((name) => named(name)?.state === 'running'),
  );
  return plans.flatMap((plan) => {
    const job = named(plan.name);
    return job ? [{ plan, job }] : [];
  });
}

function jobOf(running: readonly Running[], name: string): TestJob {
  const found = running.find(({ plan }) => plan.name === name);
  if (!found) throw new Error(`no job ${name}`);
  return found.job;
}

async function cancelOnGrid(world: BridgeWorld, { id }: TestJob): Promise<void> {
  const { rows } = await world.database.query<{ group_id: string }>(
    'select group_id from stage join ci_job on ci_job.id = stage.ci_job where ci_job_id = $1',
    [id],
  );
  const bus = connectBus({ url: world.amqpUrl, service: 'test', logger: silentLogger });
  await bus.started();
  for (const { group_id: groupId } of rows)
    await bus.publish(jobCancel, {
      groupId,
      reason: { fault: 'cancelled', words: 'cancelled by ada' },
      requestedBy: 'ada',
    });
  await bus.close();
}

async function phases({ database }: BridgeWorld): Promise<string> {
  const { rows } = await database.query<{ phase: string; jobs: string }>(
    'select phase, count(*) as jobs from ci_job group by phase order by phase',
  );
  return rows.map(({ phase, jobs }) => `${jobs} ${phase}`).join(', ');
}

async function faultsOf(
  world: BridgeWorld,
  { plan, job }: Running,
  count: string,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const check = (what: string, found: unknown, wanted: unknown): void => {
    const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (one !== other) faults.push(`${what}: ${one.slice(0, 200)} in place of ${other.slice(0, 200)}`);
  };
  check('state', job.state, plan.state);
  if (plan.exitCode !== undefined) check('exit code', job.exitCode, plan.exitCode);
  const lines = job.trace.toString().match(/^line \d+$/gm) ?? [];
  check(
    'lines',
    lines,
    Array.from({ length: plan.lines ?? 0 }, (_, n) => `line ${n + 1}`),
  );
  const archives = job.artifacts.filter(({ type }) => type === 'archive');
  check('archives', archives.length, plan.files ? 1 : 0);
  if (plan.files) {
    const entries = Object.entries(await unzippedIn(world.directory, archives[0]?.bytes));
    check('files', Object.fromEntries(entries.filter(([name]) => !name.endsWith('/'))), plan.files);
  }
  if (plan.mayWait !== true || existsSync(count)) check('runs', readFileSync(count, 'utf8'), 'once\n');
  check('end of the trace', job.trace.toString().match(/Job (succeeded|failed)/g)?.length, 1);
  return faults;
}
