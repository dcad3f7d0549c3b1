import { z } from 'zod';
import { memoryOf, type SlurmJob, tasksOf } from './slurm-job.js';

/** A number as slurmrestd writes it since v0.0.40. */
const number = z
  .object({ set: z.boolean(), number: z.number() })
  .transform(({ set, number }) => (set ? number : undefined))
  .optional()
  .catch(undefined);

const text = z.string().optional().catch(undefined);

const exitCode = z
  .object({ return_code: number, signal: z.object({ id: number }).optional().catch(undefined) })
  .optional()
  .catch(undefined);

const problem = z.object({
  description: text,
  error: text,
  error_number: z.number().optional().catch(undefined),
});

/** What every answer may have. An error of number 0 is none. */
export const answer = z.looseObject({
  errors: z
    .array(problem)
    .optional()
    .catch(undefined)
    .transform((errors = []) => errors.filter(({ error_number }) => error_number !== 0)),
});

/** What slurmrestd answers to `POST /slurm/{version}/job/submit`; job 0 is none. */
export const submitted = z.object({ job_id: z.int().nonnegative().optional().catch(undefined) });

/** Light: an id for each job, of a task `<job>_<task>`, where the first number is the job's own, not the array's. */
export const stateList = z.object({
  jobs: z.array(z.object({ job_id: z.string(), state: z.array(z.string()) })),
});

const job = z
  .object({
    job_id: z.int(),
    job_state: z.array(z.string()),
    state_reason: text,
    array_job_id: number,
    array_task_id: number,
    array_task_string: text,
    exit_code: exitCode,
    user_name: text,
    comment: text,
    nodes: text,
    start_time: number,
    end_time: number,
  })
  .transform((row): SlurmJob & { readonly own: number } => ({
    own: row.job_id,
    id: String(row.array_job_id || row.job_id),
    tasks:
      row.array_task_id !== undefined
        ? { numbers: [row.array_task_id], open: false }
        : row.array_task_string
          ? tasksOf(row.array_task_string)
          : 'none',
    states: row.job_state,
    reason: row.state_reason ?? '',
    exitCode: row.exit_code?.return_code ?? 0,
    signal: row.exit_code?.signal?.id ?? 0,
    user: row.user_name ?? '',
    comment: row.comment ?? '',
    nodes: row.nodes ?? '',
    startedAt: instant(row.start_time),
    endedAt: instant(row.end_time),
  }));

/** What slurmrestd answers to `GET /slurm/{version}/jobs/` and `…/job/{id}`: the controller's jobs. */
export const jobList = z.object({ jobs: z.array(job) });

/** A job with the id that it has of its own, as a task of an array also has. */
export type RestJob = z.output<typeof job>;

/** Of `GET /slurm/{version}/nodes/` the temporary disk of each node, in MiB; 0 where it does not say. */
export const nodeList = z.object({
  nodes: z.array(z.object({ temporary_disk: z.number().optional().catch(undefined) })),
});

/** What a step took at most is what it `requested` here: of memory, in bytes. */
const accountedStep = z
  .object({
    tres: z.object({
      requested: z.object({ max: z.array(z.object({ type: z.string(), count: z.number() })) }),
    }),
  })
  .transform(({ tres }) => tres.requested.max.find(({ type }) => type === 'mem')?.count)
  .catch(undefined);

const accountedJob = z
  .object({
    job_id: z.int(),
    array: z.object({ job_id: z.int().optional(), task_id: number, task: text }).optional().catch(undefined),
    state: z.object({ current: z.array(z.string()), reason: text }),
    exit_code: exitCode,
    nodes: text,
    time: z.object({ start: z.number().optional(), end: z.number().optional() }).optional().catch(undefined),
    required: z.object({ memory_per_node: number }).optional().catch(undefined),
    steps: z.array(accountedStep).optional().catch(undefined),
  })
  .transform((row): SlurmJob => ({
    id: String(row.array?.job_id || row.job_id),
    tasks:
      row.array?.task_id !== undefined
        ? { numbers: [row.array.task_id], open: false }
        : row.array?.task
          ? tasksOf(row.array.task)
          : 'none',
    states: row.state.current,
    reason: row.state.reason ?? '',
    exitCode: row.exit_code?.return_code ?? 0,
    signal: row.exit_code?.signal?.id ?? 0,
    user: '',
    comment: '',
    nodes: row.nodes === 'None assigned' ? '' : (row.nodes ?? ''),
    startedAt: instant(row.time?.start),
    endedAt: instant(row.time?.end),
    memory: memoryOf(most(row.steps), mebibytes(row.required?.memory_per_node)),
  }));

const mebibytes = (count: number | undefined): number | undefined =>
  count === undefined ? undefined : count * 2 ** 20;

function most(steps: readonly (number | undefined)[] = []): number | undefined {
  const told = steps.filter((bytes) => bytes !== undefined);
  return told.length === 0 ? undefined : Math.max(...told);
}

/** What slurmrestd answers to `GET /slurmdb/{version}/jobs/`: jobs that the controller may have forgotten. */
export const accountedList = z.object({ jobs: z.array(accountedJob) });

/** What slurmrestd answers to `DELETE /slurm/{version}/jobs/`: how it went, job by job. */
export const killed = z.object({
  status: z
    .array(
      z.object({
        error: z
          .object({ code: z.number().optional(), message: text, string: text })
          .optional()
          .catch(undefined),
      }),
    )
    .optional()
    .catch(undefined),
});

function instant(seconds: number | undefined): Date | undefined {
  return seconds === undefined || seconds <= 0 ? undefined : new Date(seconds * 1_000);
}
