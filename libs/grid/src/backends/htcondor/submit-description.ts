import type { BackendSettings } from '#contracts';
import { permanent } from '#errors';
import { type Submission, transferredFiles } from '../../backend.js';
import { submitString } from './classad.js';
import { extraCommands } from './extra-commands.js';

/** Attributes by which jobs are found again; part of what running houses rely on, so they keep their names. */
export const attributes = {
  house: 'SlipwayHouse',
  submission: 'SlipwaySubmission',
  attempt: 'SlipwayAttempt',
  /** An expression: whether the job is cancelled although it may not exist yet. */
  cancelled: 'SlipwayCancelled',
} as const;

/**
 * Beyond this the schedd makes jobs out of a cluster as they are needed: it has all of them in half the time, and its
 * queue stays quick for everybody.
 */
const lateFrom = 100;
const mostIdle = 1_000;

/** The wrapper ends the job itself at its wall-clock time, and reports it; this long after it HTCondor does, in seconds. */
const wallTimeGrace = 300;

/** A pool's limit for a name that it has no limit for (CONCURRENCY_LIMIT_DEFAULT); a job takes its share of it. */
const defaultConcurrencyLimit = 2_308_032;

/** What the ledger reads out of a removal's reason: why HTCondor removed the job by our own rules. */
export const removalWords = {
  cancelled: 'Slipway: cancelled',
  evicted: 'Slipway: evicted from its node after it had begun',
  wallTime: 'Slipway: beyond its wall-clock time',
} as const;

/** What a submit description says besides the submission itself. */
export interface DescriptionOptions {
  readonly settings: Pick<BackendSettings, 'allowedSubmitCommands' | 'sharedFiles'>;
  readonly house: string;
  /** Holds the group's files, and a directory for each job, named by its place. */
  readonly directory: string;
  /** The schedd cannot read this machine's files: it is sent them. */
  readonly spooled: boolean;
  readonly account?: string | undefined;
  /** File with the X.509 proxy that the job takes along. */
  readonly proxy?: string | undefined;
}

/** Whether the schedd makes the submission's jobs as they are needed. A spooling schedd cannot: it wants all files at once. */
export function isLate(attempts: number, spooled: boolean): boolean {
  return !spooled && attempts > lateFrom;
}

/**
 * Whether a job's files lie beside those of all others, named by its place, and not in a directory of its own: what it
 * leaves behind needs one, but making hundreds takes longer than all else that is written.
 */
export function isFlat({ transfer }: Pick<Submission, 'transfer'>, spooled: boolean): boolean {
  return transfer === 'http' && !spooled;
}

/** Whether jobs read their files where they are, on nodes that see them; to others they are sent all the same. */
const isShared = ({ settings, spooled }: DescriptionOptions): boolean =>
  settings.sharedFiles === true && !spooled;

/** The submission as one cluster, in the submit language. Throws permanent `grid.refused`. */
export function submitDescription(submission: Submission, options: DescriptionOptions): string {
  const { template, attempts } = submission;
  const { directory } = options;
  // condor_submit reads macros, lists and continued lines in it.
  if (!/^\/[A-Za-z0-9/_.@+:-]+$/.test(directory))
    throw permanent('grid.refused', `HTCondor cannot take files from a directory of this name: ${directory}`);
  const extra = extraCommands(template.batch, options.settings.allowedSubmitCommands);
  return [
    ...imageLines(template),
    ...commandLines(submission.transfer, isFlat(submission, options.spooled)),
    `should_transfer_files = ${isShared(options) ? 'IF_NEEDED' : 'YES'}`,
    'when_to_transfer_output = ON_EXIT',
    ...fileLines(directory, isFlat(submission, options.spooled)),
    `log = ${options.spooled ? 'condor.log' : `${directory}/condor.log`}`,
    'notification = never',
    ...resourceLines(template.resources),
    `priority = ${template.priority}`,
    ...attributeLines(submission, options),
    ...policyLines(template.resources.wallTimeSeconds, extra.requirements),
    ...limitLines(submission, options),
    ...extra.lines,
    'queue slipway_attempt from (',
    ...attempts.map(({ id }) => checkedId(id)),
    ')',
    '',
  ].join('\n');
}

function imageLines({ image, steps }: Submission['template']): readonly string[] {
  // What is for the node itself could not get out of a container again: then the job's own script enters the image.
  if (image === undefined || steps.some(({ where }) => where === 'node')) return ['universe = vanilla'];
  if (!/^[A-Za-z0-9/_.@+:~=-]+$/.test(image))
    throw permanent('grid.refused', `HTCondor cannot take an image of this name: ${image}`);
  // A path is taken as it is seen on the worker node, which is how an image on CVMFS gets there; it is never copied.
  const located = image.startsWith('/') || /^[a-z]+:\/\//.test(image) ? image : `docker://${image}`;
  return [
    'universe = container',
    `container_image = ${located}`,
    // Else the script would look for an engine in the image.
    `environment = "SLIPWAY_IMAGE_ENTERED=${image}"`,
  ];
}

function fileLines(directory: string, flat: boolean): readonly string[] {
  const shared = `${directory}/slipway-job.sh,${directory}/slipway-group.sh`;
  return flat
    ? [
        `initialdir = ${directory}`,
        `transfer_input_files = ${shared},$(Process).sh`,
        'output = $(Process).out',
        'error = $(Process).err',
      ]
    : [
        `initialdir = ${directory}/$(Process)`,
        `transfer_input_files = ${shared},slipway-attempt.sh`,
        'output = slipway.out',
        'error = slipway.err',
      ];
}

function commandLines(transfer: Submission['transfer'], flat: boolean): readonly string[] {
  // Output that is named but missing would put the job on hold: an empty file stands for none.
  const touch = transferredFiles.map((file) => `: >>${file}`).join('; ');
  return [
    'executable = /bin/sh',
    'transfer_executable = false',
    ...(transfer === 'http'
      ? [
          // Where it begins beside these files, it goes to its own directory by itself.
          flat ? 'arguments = slipway-job.sh $(Process).sh scratch' : 'arguments = slipway-job.sh',
          'transfer_output_files = ""',
        ]
      : [
          `arguments = "-c 'sh slipway-job.sh; code=$?; ${touch}; exit $code'"`,
          `transfer_output_files = ${transferredFiles.join(',')}`,
        ]),
  ];
}

function resourceLines({
  cpus,
  memoryBytes,
  diskBytes,
}: Submission['template']['resources']): readonly string[] {
  return [
    `request_cpus = ${cpus}`,
    `request_memory = ${Math.ceil(memoryBytes / 2 ** 20)}`,
    `request_disk = ${Math.ceil(diskBytes / 2 ** 10)}`,
  ];
}

function attributeLines(submission: Submission, { house, account, proxy }: DescriptionOptions): string[] {
  if (account !== undefined && !/^[\w.@-]{1,255}$/.test(account))
    throw permanent('grid.refused', `HTCondor has no accounting group of this name: ${account}`);
  return [
    `+JobBatchName = ${submitString(submission.name)}`,
    `+${attributes.house} = ${submitString(house)}`,
    `+${attributes.submission} = ${submitString(submission.id)}`,
    `+${attributes.attempt} = "$(slipway_attempt)"`,
    `+SlipwayProject = ${submitString(submission.project)}`,
    ...(submission.user === undefined ? [] : [`+SlipwayUser = ${submitString(submission.user)}`]),
    ...(account === undefined ? [] : [`accounting_group = ${account}`]),
    ...(proxy === undefined ? [] : [`x509userproxy = ${proxy}`]),
  ];
}

/**
 * An attempt runs once: HTCondor would begin it anew after an eviction, which is the ledger's to decide. What has ended
 * stays a day, so that a monitor that was away still finds how.
 */
function policyLines(wallTimeSeconds: number, requirements: string | undefined): readonly string[] {
  const evicted = '(JobStatus == 1 && NumJobStarts > 0)';
  const late = `(JobStatus == 2 && (time() - JobCurrentStartExecutingDate) > ${wallTimeSeconds + wallTimeGrace})`;
  const cancelled = `(${attributes.cancelled} =?= true)`;
  const words = Object.fromEntries(
    Object.entries(removalWords).map(([key, text]) => [key, submitString(text)]),
  ) as Record<keyof typeof removalWords, string>;
  return [
    `+${attributes.cancelled} = false`,
    `requirements = (MY.NumJobStarts =?= undefined || MY.NumJobStarts == 0) && (MY.${attributes.cancelled} =!= true)${
      requirements === undefined ? '' : ` && (${requirements})`
    }`,
    `periodic_remove = ${cancelled} || ${evicted} || ${late}`,
    `+PeriodicRemoveReason = ifThenElse(${cancelled}, ${words.cancelled}, ifThenElse(JobStatus == 1, ${words.evicted}, ${words.wallTime}))`,
    'leave_in_queue = JobStatus == 4 && (time() - EnteredCurrentStatus) < 86400',
  ];
}

function limitLines({ attempts, runningAtOnce, id }: Submission, { spooled }: DescriptionOptions): string[] {
  const lines: string[] = [];
  if (runningAtOnce !== undefined && runningAtOnce < attempts.length) {
    const share = Math.max(1, Math.floor(defaultConcurrencyLimit / runningAtOnce));
    lines.push(`concurrency_limits = slipway_${checkedId(id).replaceAll('-', '_')}:${share}`);
  }
  if (isLate(attempts.length, spooled)) lines.push(`max_idle = ${mostIdle}`);
  return lines;
}

function checkedId(id: string): string {
  if (/^[0-9a-f-]{36}$/.test(id)) return id;
  throw permanent('grid.refused', `expected a UUID, not ${JSON.stringify(id)}`);
}
