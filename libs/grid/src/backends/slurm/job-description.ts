import type { BackendSettings } from '#contracts';
import type { Submission } from '../../backend.js';
import { batchScript, placeOfJob, type SharedPlace } from './batch-script.js';
import { asFields, asFlags, extraOptions, type ExtraOptions } from './extra-options.js';

/** A submission as Slurm takes it: a job, or an array of jobs. */
export interface JobDescription {
  readonly script: string;
  readonly name: string;
  readonly comment: string;
  /** How many tasks the array has; undefined for a single job. */
  readonly tasks?: number | undefined;
  readonly runningAtOnce?: number | undefined;
  readonly cpus: number;
  readonly memoryMebibytes: number;
  /** Undefined where the nodes do not say how much they have: then Slurm could never run it. */
  readonly diskMebibytes?: number | undefined;
  readonly minutes: number;
  readonly nice: number;
  readonly output: string;
  readonly options: ExtraOptions;
}

/** What a submission is found by. */
export const commentOf = (house: string, submission: string): string => `${house}:${submission}`;

/** A directory that is there on every node. */
const beginIn = '/tmp';

/** What a job description says besides the submission itself. */
export interface DescriptionOptions {
  readonly settings: BackendSettings;
  readonly house: string;
  readonly place: SharedPlace | undefined;
  /** The Slurm account that it is charged to. */
  readonly account: string | undefined;
  readonly nodesHaveDisk: boolean;
}

/** Throws permanent `grid.refused`. */
export function describeJob(submission: Submission, given: DescriptionOptions): JobDescription {
  const { settings, house, place, account } = given;
  const { resources, batch, priority } = submission.template;
  const { partition, allowedSubmitCommands } = settings;
  const array = submission.attempts.length > 1;
  const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  return {
    script: batchScript(submission, place),
    // eslint-disable-next-line no-control-regex
    name: submission.name.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').slice(0, 128),
    comment: commentOf(house, submission.id),
    tasks: array ? submission.attempts.length : undefined,
    runningAtOnce: array ? submission.runningAtOnce : undefined,
    cpus: resources.cpus,
    memoryMebibytes: mebibytes(resources.memoryBytes),
    diskMebibytes: given.nodesHaveDisk ? mebibytes(resources.diskBytes) : undefined,
    minutes: Math.ceil(resources.wallTimeSeconds / 60),
    // Only an operator may raise a job above the others of its user; anybody may lower his own.
    nice: Math.max(0, -priority),
    output: place === undefined ? '/dev/null' : placeOfJob(place, array ? '%A_%a' : '%j').output,
    options: {
      ...(partition !== undefined && { partition }),
      ...(account !== undefined && { account }),
      ...extraOptions(batch, allowedSubmitCommands),
    },
  };
}

/** The arguments of sbatch; the script comes by its standard input. */
export function asArguments(job: JobDescription): readonly string[] {
  return [
    '--parsable',
    '--no-requeue',
    '--export=NONE',
    `--job-name=${job.name}`,
    `--comment=${job.comment}`,
    `--chdir=${beginIn}`,
    '--input=/dev/null',
    `--output=${job.output}`,
    '--open-mode=truncate',
    '--nodes=1',
    '--ntasks=1',
    `--cpus-per-task=${job.cpus}`,
    `--mem=${job.memoryMebibytes}M`,
    `--time=${job.minutes}`,
    `--nice=${job.nice}`,
    ...(job.diskMebibytes === undefined ? [] : [`--tmp=${job.diskMebibytes}M`]),
    ...(job.tasks === undefined ? [] : [`--array=${arrayOf(job)}`]),
    ...asFlags(job.options),
  ];
}

/** The body of slurmrestd's job/submit. */
export function asBody(job: JobDescription): object {
  const number = (value: number): object => ({ set: true, infinite: false, number: value });
  return {
    script: job.script,
    job: {
      name: job.name,
      comment: job.comment,
      requeue: false,
      // As sbatch --export=NONE: nothing of ours, and the node asks for the user's own.
      environment: [
        'SLURM_GET_USER_ENV=1',
        'PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
      ],
      current_working_directory: beginIn,
      standard_input: '/dev/null',
      standard_output: job.output,
      minimum_nodes: 1,
      maximum_nodes: 1,
      tasks: 1,
      cpus_per_task: job.cpus,
      memory_per_node: number(job.memoryMebibytes),
      time_limit: number(job.minutes),
      nice: job.nice,
      ...(job.diskMebibytes !== undefined && { temporary_disk_per_node: job.diskMebibytes }),
      ...(job.tasks !== undefined && { array: arrayOf(job) }),
      ...asFields(job.options),
    },
  };
}

const arrayOf = ({ tasks = 1, runningAtOnce }: JobDescription): string =>
  `0-${tasks - 1}${runningAtOnce === undefined ? '' : `%${runningAtOnce}`}`;
