import { readFileSync } from 'node:fs';
import { waitFor } from '#lab';
import { Nodes } from './bridge/nodes.js';
import { type BridgeSite, startBridgeSite } from './bridge/site.js';
import { cpuMs } from './monitor/site.js';
import { type Bench, row, type Row } from './report.js';

const jobsUnlessTold = 1_000;
/** GitLab's own runner asks for a job once in so many seconds, and sends a trace that grows as often. */
const paceSeconds = 3;
/** In seconds, from the end of a job on the grid until GitLab has its final state. */
const promised = 3;
const idleMs = 30_000;

const pace = "GitLab's own runner's pace";
const crowd = 'CI jobs at once';

/** CI jobs at once through bridge, submitter and monitor; the batch system is a simulated one, as is GitLab. */
export const bench: Bench = {
  title: `bridge: ${jobsUnlessTold} CI jobs at once on a simulated grid, before a GitLab for tests`,
  bars: [
    { case: crowd, metric: 'end on the grid to GitLab, p99', peer: 'promised', atMost: 1 },
    { case: crowd, metric: 'requests to GitLab per job', peer: pace, atMost: 1 },
    // Over half a minute one request more or less is a twentieth.
    { case: 'idle', metric: 'questions for a job in 3 s', peer: pace, atMost: 1.05 },
  ],
  measure,
};

/** @param args how many jobs, where not a thousand */
async function measure([wanted]: readonly string[]): Promise<readonly Row[]> {
  const jobs = wanted === undefined ? jobsUnlessTold : Number(wanted);
  const site = await startBridgeSite();
  try {
    const idle = await idlePace(site);
    return [
      ...(await crowded(site, jobs)),
      row('idle', 'questions for a job in 3 s', '', idle, { [pace]: 1 }),
    ];
  } finally {
    await site.close();
  }
}

async function idlePace({ gitlab }: BridgeSite): Promise<number> {
  const asked = (): readonly number[] => gitlab.requestsOf('request').map(({ startedAt }) => startedAt);
  const before = asked().length;
  const [from, to] = await waitFor(
    () => {
      const times = asked().slice(before);
      const [first = 0, last = 0] = [times[0], times.at(-1)];
      return last - first >= idleMs ? ([first, last] as const) : undefined;
    },
    { what: 'questions for a job', deadlineMs: 3 * idleMs },
  );
  return (asked().filter((at) => at > from && at <= to).length / ((to - from) / 1_000)) * paceSeconds;
}

async function crowded(site: BridgeSite, jobs: number): Promise<readonly Row[]> {
  const { gitlab, bridge } = site;
  const yaml = Array.from({ length: jobs }, (_, n) => `job-${n}: { script: [work] }`).join('\n');
  const project = await gitlab.createProject({ path: 'lhcb/analysis', files: { '.gitlab-ci.yml': yaml } });
  const [requestsBefore, cpuBefore, began] = [gitlab.requests.length, cpuMs(bridge.pid), Date.now()];
  const nodes = new Nodes(site).run(jobs);
  const pipeline = await project.runPipeline();
  const { allBegunAt, ended } = await nodes;
  const all = pipeline.jobs();
  await waitFor(() => all.every(({ isOver }) => isOver), { what: 'all to be over', deadlineMs: 300_000 });
  const cpu = cpuMs(bridge.pid) - cpuBefore;
  const failed = all.filter(({ state }) => state !== 'success');
  if (failed.length > 0)
    throw new Error(`${failed.length} jobs did not succeed: ${failed[0]?.failureReason}`);
  const last = Math.max(...all.map((job) => job.since()));
  const since = (job: (typeof all)[number], at: number): number => (at - (ended.get(job.id) ?? NaN)) / 1_000;
  const final = all.map((job) => since(job, job.since()));
  // Then GitLab has it wait until the trace is stored, and asked again.
  const told = all.map((job) => since(job, job.storing?.since ?? NaN));
  const requests = gitlab.requests.slice(requestsBefore);
  const trace = all.reduce((sum, { traceSize }) => sum + traceSize, 0);
  return [
    row(crowd, 'jobs', '', jobs, {}),
    row(
      crowd,
      'from the pipeline until all run and have written their logs',
      's',
      (allBegunAt - began) / 1_000,
      {},
    ),
    row(crowd, 'end on the grid to the first word of it, p99', 's', quantile(told, 0.99), {}),
    row(crowd, 'end on the grid to GitLab, p50', 's', quantile(final, 0.5), {}),
    row(crowd, 'end on the grid to GitLab, p99', 's', quantile(final, 0.99), { promised }),
    row(crowd, 'requests to GitLab per job', '', requests.length / jobs, { [pace]: ownRunners(all) }),
    row(crowd, 'trace', 'KB/s', trace / (last - began), {}),
    row(crowd, 'CPU of the bridge per job', 'ms', cpu / jobs, {}),
    row(crowd, 'peak memory of the bridge', 'MiB', peakMib(bridge.pid), {}),
  ];
}

/** The question for it, two words that it runs, the trace once in three seconds as long as it runs, and its end. */
function ownRunners(jobs: readonly { readonly history: readonly { readonly at: number }[] }[]): number {
  const lives = jobs.map(({ history }) => ((history.at(-1)?.at ?? 0) - (history[0]?.at ?? 0)) / 1_000);
  return 4 + lives.reduce((sum, seconds) => sum + seconds, 0) / jobs.length / paceSeconds;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? NaN;
}

const peakMib = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
