import { z } from 'zod';
import { resourceName } from './names.js';

/** How many jobs one group may have: what one message and one cluster of a batch system carry well. */
export const mostJobsOfGroup = 20_000;

/** A name that a POSIX shell takes for a variable. Those that begin with SLIPWAY_ are the house's own. */
export const variableName = z
  .string()
  .max(255)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a name of letters, digits and "_"');

const text = (most: number): z.ZodString =>
  z
    .string()
    .max(most)
    .refine((value) => !value.includes('\0'), 'a NUL character cannot be handed to a job');

/** Variables as a job's shell gets them: values of 65,536 characters at most, none of them NUL. */
export const variables = z.record(variableName, text(65_536)).describe('environment variables');

/** A path below the directory that a job runs in. */
export const pathInJob = z
  .string()
  .min(1)
  .max(1_024)
  .regex(/^(?!\/)[^\0\n\r]+$/, 'expected a relative path in one line')
  .refine((path) => !path.split('/').includes('..'), 'expected a path that does not leave the directory');

/** What a job takes of a worker node. Bytes and seconds. */
export const jobResources = z.strictObject({
  cpus: z.int().positive().max(4_096).default(1).describe('cores'),
  memoryBytes: z
    .int()
    .positive()
    .default(2 * 2 ** 30)
    .describe('memory, all processes together'),
  diskBytes: z
    .int()
    .positive()
    .default(4 * 2 ** 30)
    .describe('space in the directory that it runs in'),
  wallTimeSeconds: z
    .int()
    .positive()
    .max(31_536_000)
    .default(3_600)
    .describe('wall-clock time, then it is ended'),
});

/** One shell script of a job. The worker runs a job's steps in their order, each in the same directory. */
export const jobStep = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z0-9][A-Za-z0-9_. -]*$/, 'expected letters, digits, "_", ".", "-" and spaces'),
  script: text(1_048_576).describe('what a shell runs; the first command that fails ends it'),
  timeoutSeconds: z.int().positive().optional().describe('then it is ended, and counts as failed'),
  when: z
    .enum(['success', 'failure', 'always'])
    .default('success')
    .describe('after the steps before: when all of them went well, when one failed, or in any case'),
  where: z
    .enum(['image', 'node'])
    .default('image')
    .describe('in the image, where there is one, or on the node itself with the same directory'),
  evenCancelled: z
    .boolean()
    .default(false)
    .describe('whether it runs even after a cancellation, where its turn comes; one that runs then goes on'),
});

/** What other jobs of the same project have brought back. */
export const jobOutputs = z
  .strictObject({
    jobId: z.uuid().optional().describe('of this job: of its latest attempt that succeeded'),
    groupId: z
      .uuid()
      .optional()
      .describe('of all jobs of this group that succeeded, each in a directory that is named by its key'),
    path: pathInJob.optional().describe('only what lies below this directory of the outputs, without it'),
  })
  .refine(
    ({ jobId, groupId }) => (jobId === undefined) !== (groupId === undefined),
    'expected either jobId or groupId',
  );

/** Which outputs an input means; the monitor looks them up and serves them to the worker node. */
export type JobOutputs = z.output<typeof jobOutputs>;

/** A file, or the outputs of other jobs, that the worker puts in place before the first step. */
export const jobInput = z
  .strictObject({
    path: pathInJob.describe('where it lies when the steps begin; of outputsOf: the directory'),
    url: z
      .url({ protocol: /^https?$/ })
      .max(4_096)
      .optional()
      .describe('where the worker node fetches it'),
    content: text(262_144).optional().describe('what it holds, where it is small'),
    outputsOf: jobOutputs.optional().describe('what other jobs of the project have brought back'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .describe('digest that it must have'),
    executable: z.boolean().default(false),
  })
  .refine(
    ({ url, content, outputsOf }) =>
      [url, content, outputsOf].filter((way) => way !== undefined).length === 1,
    'expected one of url, content and outputsOf',
  )
  .refine(
    ({ outputsOf, sha256, executable }) => outputsOf === undefined || (sha256 === undefined && !executable),
    'outputsOf is a directory: it has neither sha256 nor executable',
  );

/** Why an attempt did not do what it was to do. The first word of each says whose fault it was. */
export const jobFaults = [
  'script-failed',
  'script-timeout',
  'wall-time-exceeded',
  'memory-exceeded',
  'disk-exceeded',
  'input-missing',
  'output-missing',
  'node-failed',
  'stalled',
  'vanished',
  'held',
  'evicted',
  'refused',
  'backend-failed',
  'cancelled',
] as const;

/** Why an attempt ended as it did. Backends, worker and ledger all name one of these; retries go by it. */
export const jobFault = z.enum(jobFaults);

/** One of `jobFaults`; the bridge has a failure reason of GitLab's for each. */
export type JobFault = z.output<typeof jobFault>;

/** Faults that running it again may cure; the script's own are not among them unless the job says so. */
const curableFaults: readonly JobFault[] = [
  'node-failed',
  'stalled',
  'vanished',
  'held',
  'evicted',
  'backend-failed',
];

/** When a job is tried again. The ledger alone decides it: batch systems are told never to retry. */
export const jobRetries = z.strictObject({
  most: z.int().min(0).max(20).default(2).describe('attempts after the first one'),
  on: z
    .array(jobFault)
    .default([...curableFaults])
    .describe('the faults after which it is tried again'),
  delaySeconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(30)
    .describe('before the second attempt; doubled for each further one'),
});

/** What each job of a group is, apart from its own variables. Canonical: bytes, seconds, steps. */
export const jobTemplate = z.strictObject({
  steps: z.array(jobStep).min(1).max(50),
  environment: variables.default({}),
  image: z
    .string()
    .min(1)
    .max(1_024)
    .regex(/^[^\s\0]+$/, 'expected an image reference or a path without spaces')
    .optional()
    .describe('a directory tree on CVMFS, e.g. /cvmfs/…, or a registry reference; absent: the node as it is'),
  resources: jobResources.prefault({}),
  inputs: z.array(jobInput).max(1_000).default([]),
  outputs: z
    .array(pathInJob)
    .max(1_000)
    .default([])
    .describe('files and directories to bring back; * and ? as in a shell'),
  retries: jobRetries.prefault({}),
  priority: z
    .int()
    .min(-1_000)
    .max(1_000)
    .default(0)
    .describe('among the jobs of its project: higher goes first'),
  batch: z
    .record(z.string().max(128), text(4_096))
    .default({})
    .describe('further submit commands, of those that the backend allows'),
  sealed: z
    .string()
    .max(8_388_608)
    .optional()
    .describe('environment and inputs that are secret, sealed for who hands the jobs to their batch system'),
});

/** A template with its defaults filled in, as submitter, monitor and backends use it. */
export type JobTemplate = z.output<typeof jobTemplate>;

/** What is secret of a template: further variables and inputs, whose JSON is what `sealed` holds. */
export const templateSecrets = z.strictObject({
  environment: jobTemplate.shape.environment,
  inputs: jobTemplate.shape.inputs,
});

/** What the bridge seals with a CI job's secrets, and who hands the jobs to the batch system opens. */
export type TemplateSecrets = z.output<typeof templateSecrets>;

/** What the secrets of a group's template are sealed for: in another group they do not open. */
export const templateSecretsPurpose = (groupId: string): string => `job-secrets/${groupId}`;

/** One job of a group: what sets it apart. */
export const groupItem = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\0\n\r]+$/)
    .describe('what people call it, e.g. the dataset'),
  variables: variables.default({}).describe('its own, over those of the template'),
});

/** Who asked, as the identity mappings know them. */
const jobUser = z.strictObject({
  name: z.string().min(1).max(255).describe('user name'),
  groups: z.array(z.string().max(255)).max(1_000).default([]),
});

/** A group as it is handed in: one template over a list. A single job is a group of one. */
export const groupFields = {
  groupId: z.uuid(),
  name: z.string().min(1).max(255),
  project: resourceName,
  user: jobUser.optional().describe('whose grid identity the jobs take'),
  backend: resourceName.optional().describe('absent: that of the project'),
  template: jobTemplate,
  items: z.array(groupItem).min(1).max(mostJobsOfGroup),
  runningAtOnce: z.int().positive().optional().describe('how many of its jobs may run at once'),
  labels: z
    .record(z.string().max(64), z.string().max(1_024))
    .default({})
    .describe('what the asker wants to find it by, e.g. the CI job'),
  requestedBy: z.string().max(255),
  requestedAt: z.iso.datetime(),
};

/** Which attempt something is said about. */
export const attemptFields = {
  groupId: z.uuid(),
  jobId: z.uuid(),
  attemptId: z.uuid(),
  index: z.int().nonnegative().describe('which item of the group, from 0'),
  attempt: z.int().positive().describe('1 for the first one'),
  project: resourceName,
  backend: resourceName,
};

/** Why an attempt is in its state. */
export const jobReason = z.object({
  fault: jobFault,
  words: z.string().max(4_096).describe("the batch system's own words, or ours"),
});

/** What the node and the batch system told of an attempt. */
export const attemptFacts = {
  at: z.iso.datetime().describe('when it came to be so'),
  batchId: z.string().max(255).optional().describe('its id in the batch system'),
  node: z.string().max(255).optional(),
  reason: jobReason.optional(),
  exitCode: z.int().min(0).max(255).optional().describe("the script's"),
  signal: z.int().positive().optional(),
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  logBytes: z.int().nonnegative().optional(),
  outputBytes: z.int().nonnegative().optional(),
};

/** How long a job that is cancelled may take for its end, in seconds. */
export const graceSeconds = z.int().nonnegative().max(86_400);

/** CloudEvents subject of what is said about an attempt: `<job id>/<number of the attempt>`. */
export const attemptSubject = ({ jobId, attempt }: { jobId: string; attempt: number }): string =>
  `${jobId}/${attempt}`;
