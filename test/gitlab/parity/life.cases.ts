import { waitFor } from '#lab';
import { type TestPipeline, type TestProject } from '../index.js';
import { type ParityCase } from './parity-job.js';

const deadlineMs = 600_000;

/** Once GitLab has these words of the job's trace. */
async function said(pipeline: TestPipeline, words: string): Promise<void> {
  const job = pipeline.job('job');
  await waitFor(() => job.isOver || job.trace.includes(words), {
    what: `“${words}” in the trace`,
    deadlineMs: deadlineMs,
    intervalMs: 100,
  });
  if (job.isOver)
    throw new Error(`the job was over before anybody could cancel it:\n${job.trace.toString()}`);
}

const cancelled =
  (isForced: boolean) =>
  async (project: TestProject, pipeline: TestPipeline): Promise<void> => {
    await said(pipeline, '$ sleep 300');
    project.cancel(pipeline.job('job'), isForced);
  };

async function played(project: TestProject, pipeline: TestPipeline): Promise<void> {
  const job = pipeline.job('job');
  await waitFor(() => job.state === 'manual', { what: 'a job to play', deadlineMs: deadlineMs });
  project.play(job);
}

/** How jobs come to be, and end, by somebody's hand and by GitLab's rules. */
export const lifeCases: readonly ParityCase[] = [
  {
    name: 'a job that is cancelled',
    yaml: 'job: { script: [echo begun, sleep 300, echo never] }',
    meanwhile: cancelled(false),
  },
  {
    name: 'a job that is cancelled, with an after_script',
    yaml: `
job:
  script: [echo begun, sleep 300, echo never]
  after_script: ['echo "status $CI_JOB_STATUS"', exit 4, echo never]
`,
    meanwhile: cancelled(false),
  },
  {
    name: 'a job that is cancelled by force',
    yaml: `
job:
  script: [echo begun, sleep 300, echo never]
  after_script: [echo never]
`,
    meanwhile: cancelled(true),
  },
  {
    name: 'what a job has made by the time that it is cancelled',
    yaml: `
job:
  script: [mkdir out, echo made > out/a.txt, sleep 300]
  after_script: [echo late > out/late.txt]
  artifacts: { paths: [out/], when: always }
`,
    meanwhile: cancelled(false),
  },
  {
    name: 'a job that somebody plays',
    yaml: `
stages: [one, two]
before: { stage: one, script: [echo before] }
job: { stage: two, when: manual, script: ['echo "played, allowed to fail"', exit 1] }
`,
    meanwhile: played,
  },
  {
    name: 'a job that is tried again',
    yaml: 'job: { retry: 1, script: [echo tried, exit 3] }',
  },
  {
    name: 'a failure that is allowed',
    yaml: `
stages: [one, two]
job: { stage: one, allow_failure: true, script: [exit 9] }
after: { stage: two, script: [echo goes on] }
`,
  },
  {
    name: 'jobs for failures, for all ends, and for none',
    yaml: `
stages: [one, two]
job: { stage: one, script: [exit 1] }
mend: { stage: two, when: on_failure, script: [echo mended] }
tidy: { stage: two, when: always, script: [echo tidied] }
never: { stage: two, script: [echo never] }
`,
  },
  {
    name: 'a job that takes too long has no after_script and no artifacts',
    yaml: `
job:
  timeout: 15 seconds
  script: [mkdir out, echo made > out/a.txt, sleep 300]
  after_script: [echo never]
  artifacts: { paths: [out/], when: always }
`,
  },
  {
    name: 'an after_script that takes too long',
    yaml: `
job:
  variables: { RUNNER_AFTER_SCRIPT_TIMEOUT: 5s }
  script: [echo script]
  after_script: [echo after, sleep 300, echo never]
`,
  },
  {
    name: 'an after_script whose failure counts',
    yaml: `
job:
  variables: { AFTER_SCRIPT_IGNORE_ERRORS: "false" }
  script: [echo script]
  after_script: [echo after, exit 5]
`,
  },
  {
    name: 'after_script once before_script has failed',
    yaml: `
job:
  before_script: [echo before, exit 6]
  script: [echo never]
  after_script: ['echo "status $CI_JOB_STATUS"']
`,
  },
  {
    name: 'what is kept in a cache',
    yaml: `
stages: [one, two]
default: { cache: { key: things, paths: [kept/] } }
fill: { stage: one, script: ["mkdir -p kept; echo things > kept/x"] }
use: { stage: two, script: ["cat kept/x 2>/dev/null || echo none"] }
`,
    unlike: {
      why: 'no cache here: nodes share no directory, and the head of the trace says so',
      outcomes: { use: { output: ['\u001B[32;1m$ cat kept/x 2>/dev/null || echo none\u001B[0;m', 'none'] } },
    },
  },
];
