import {
  attemptStates,
  groupFields,
  jobReason,
  jobTemplate,
  mostJobsOfGroup,
  resourceName,
  stateCounts,
  variables,
} from '#contracts';
import { z } from 'zod';
import { pageQuery, time } from './page.js';

const count = z.int().nonnegative();
const instant = z.iso.datetime();
const attemptState = z.enum(attemptStates);

/** How a group is: accepted and not over, over with an outcome, or never let in. */
export const groupStates = ['active', 'succeeded', 'failed', 'cancelled', 'refused'] as const;

/** A group of jobs, as the ledger has it. */
export const jobGroup = z
  .object({
    id: z.uuid(),
    name: z.string(),
    project: z.string(),
    backend: z.string().optional().describe('absent where it was refused before one was chosen'),
    user: z.string().optional().describe('whose grid identity its jobs take'),
    identity: z.string().optional().describe('the identity mapping that they run under'),
    state: z.enum(groupStates),
    states: stateCounts.describe(
      'jobs per state, each by its latest attempt; states without jobs are left out',
    ),
    jobs: count,
    labels: groupFields.labels,
    requestedBy: z.string(),
    requestedAt: instant,
    finishedAt: instant.optional(),
    refusal: z.object({ code: z.string(), reason: z.string() }).optional(),
  })
  .meta({ id: 'JobGroup', description: 'a group of jobs' });

/** A line of `GET /groups`. The monitor answers, the registry passes it on. */
export type JobGroup = z.output<typeof jobGroup>;

/** What its jobs came to so far; the estimates are from those that have ended. */
const groupTotals = z.object({
  logBytes: count,
  logLines: count,
  outputBytes: count,
  cpuSeconds: z.number().nonnegative().optional(),
  estimatedOutputBytes: count
    .optional()
    .describe('of all jobs, from those that succeeded; absent before one did'),
  estimatedEnd: instant
    .optional()
    .describe('when all will have ended, at the pace so far; absent before it is known'),
});

const mayChange = z
  .boolean()
  .optional()
  .describe('whether who asks may cancel its jobs and have them tried again');

/** What `GET /groups/:id` answers: besides a line of the list what its jobs are, and came to. */
export const jobGroupWithAll = jobGroup
  .extend({
    template: jobTemplate.optional().describe('absent where it was refused'),
    runningAtOnce: z.int().positive().optional(),
    totals: groupTotals,
    mayChange,
  })
  .meta({ id: 'JobGroupWithAll', description: 'a group of jobs, with what its jobs are' });

/** A whole group, as its page, the command and the bridge's summary of a fan-out read it. */
export type JobGroupWithAll = z.output<typeof jobGroupWithAll>;

/** What `GET /groups` takes; all that is told must fit. */
export const groupQuery = pageQuery.extend({
  q: z.string().min(1).max(255).optional().describe('a part of the name'),
  project: resourceName.optional(),
  backend: resourceName.optional(),
  user: z.string().min(1).max(255).optional(),
  state: z.enum(groupStates).optional(),
  since: time.optional().describe('handed in then or later'),
  until: time.optional().describe('handed in before'),
});

/** The same, checked: by it the monitor reads one page of groups. */
export type GroupQuery = z.output<typeof groupQuery>;

/** A job by its latest attempt. */
export const gridJob = z
  .object({
    id: z.uuid(),
    groupId: z.uuid(),
    index: count,
    key: z.string().describe('what sets it apart in its group'),
    project: z.string(),
    backend: z.string(),
    state: attemptState,
    stateAt: instant,
    attempt: z.int().positive().describe('how many attempts it has had'),
    attemptId: z.uuid().describe('of the latest one'),
    batchId: z.string().optional(),
    node: z.string().optional(),
    queuedAt: instant,
    startedAt: instant.optional(),
    endedAt: instant.optional(),
    exitCode: z.int().optional(),
    signal: z.int().optional(),
    reason: jobReason.optional(),
    logBytes: count.optional(),
    logLines: count.optional(),
    outputBytes: count.optional(),
    isCancelling: z.boolean().describe('somebody asked for its end'),
  })
  .meta({ id: 'GridJob', description: 'a job on the grid, by its latest attempt' });

/** A line of `GET /jobs` and of `GET /groups/:id/jobs`. */
export type GridJob = z.output<typeof gridJob>;

/** What `GET /jobs` takes. `state` is one of an attempt here, and `q` looks into batch ids too. */
export const jobQuery = groupQuery.omit({ state: true, q: true }).extend({
  q: z.string().min(1).max(255).optional().describe('a part of the key, or an id of the batch system'),
  state: attemptState.optional(),
  group: z.uuid().optional(),
});

/** The same, checked: by it the monitor reads one page of jobs. */
export type JobQuery = z.output<typeof jobQuery>;

/** One attempt of a job, with what was heard of it. */
const jobAttempt = gridJob
  .pick({
    state: true,
    stateAt: true,
    batchId: true,
    node: true,
    queuedAt: true,
    startedAt: true,
    endedAt: true,
    exitCode: true,
    signal: true,
    reason: true,
    logBytes: true,
    logLines: true,
    outputBytes: true,
  })
  .extend({
    id: z.uuid(),
    number: z.int().positive(),
    usage: z
      .object({
        cpuSeconds: z.number().optional(),
        memoryBytes: z.number().optional(),
        diskBytes: z.number().optional(),
        inputBytes: z
          .array(z.number().nullable())
          .readonly()
          .optional()
          .describe('of each input as it came to the node, in the order of the template; null: not told'),
      })
      .optional(),
    timeline: z
      .array(
        z.object({
          at: instant,
          state: attemptState,
          saidBy: z.string().describe('worker, backend, submitter or ledger'),
          reason: jobReason.optional(),
        }),
      )
      .describe('states in the order in which they came to be'),
  })
  .meta({ id: 'JobAttempt', description: 'an attempt of a job' });

/** An attempt on a job's page, with where its states came from. CPU in seconds, sizes in bytes. */
export type JobAttempt = z.output<typeof jobAttempt>;

/** What `GET /jobs/:id` answers: besides a line of the list all its attempts and what it was told to do. */
export const gridJobWithAll = gridJob
  .extend({
    groupName: z.string(),
    variables,
    template: jobTemplate,
    attempts: z.array(jobAttempt).describe('the latest last'),
    reproduce: z.string().optional().describe('a command that runs the same on one’s own machine'),
    mayChange,
  })
  .meta({ id: 'GridJobWithAll', description: 'a job on the grid, with its attempts' });

/** A whole job, as its page, the command and the bridge, which asks when news stay away, read it. */
export type GridJobWithAll = z.output<typeof gridJobWithAll>;

/** What `POST /api/v1/groups/{id}/cancel` and `…/jobs/{id}/cancel` take. */
export const cancelBody = z
  .object({ reason: z.string().min(1).max(1_000).optional().describe('for people') })
  .meta({ id: 'CancelBody' });

/** Why somebody cancels, for the reason that the ended attempts keep. */
export type CancelBody = z.output<typeof cancelBody>;

/**
 * What `POST …/cancel` and `…/retry` of groups and jobs answer (202). Of a group a cancellation means the jobs that are
 * not over, a retry those that failed, were cancelled or lost; it is done once they have attempts again.
 */
export const changedJobs = z
  .object({ jobs: count.max(mostJobsOfGroup).describe('how many it concerns') })
  .meta({ id: 'ChangedJobs' });

/** How many jobs a cancellation or a retry reached: 0 where there was nothing to do. */
export type ChangedJobs = z.output<typeof changedJobs>;

/** One file that a job brought back. */
const jobOutput = z
  .object({ path: z.string(), bytes: count })
  .meta({ id: 'JobOutput', description: 'a file that a job brought back' });

/** What `GET /attempts/:id/outputs` answers: what the ZIP holds that the worker sent. */
export const jobOutputs = z
  .object({ bytes: count.describe('of the archive'), sha256: z.string(), files: z.array(jobOutput) })
  .meta({ id: 'JobOutputs' });

/** What an attempt brought back; `bytes` and `sha256` let who fetches the ZIP check that it is whole. */
export type JobOutputs = z.output<typeof jobOutputs>;
