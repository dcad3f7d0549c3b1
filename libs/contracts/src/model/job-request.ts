import { z } from 'zod';
import {
  groupItem,
  jobFault,
  jobInput,
  jobResources,
  jobRetries,
  jobStep,
  jobTemplate,
  mostJobsOfGroup,
  pathInJob,
  variableName,
  variables,
} from './job.js';
import { resourceName } from './names.js';
import { byteSize, duration } from './quantity.js';

const seconds = duration.transform((milliseconds) => Math.ceil(milliseconds / 1_000));

const stepAsWritten = z.strictObject({
  name: jobStep.shape.name,
  script: jobStep.shape.script,
  timeout: seconds.optional(),
  when: jobStep.shape.when.optional(),
  where: jobStep.shape.where.optional(),
  evenCancelled: jobStep.shape.evenCancelled.optional(),
});

const resourcesAsWritten = z.strictObject({
  cpus: z.int().positive().max(4_096).optional().describe('cores'),
  memory: byteSize.optional().describe('e.g. 4 GiB'),
  disk: byteSize.optional().describe('e.g. 20 GB'),
  wallTime: seconds.optional().describe('e.g. 2h; then it is ended'),
});

const retriesAsWritten = z.strictObject({
  most: jobRetries.shape.most.optional(),
  on: z.array(jobFault).optional(),
  delay: seconds.optional(),
});

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const schema = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('what people call it; absent: the name of the project'),
    project: resourceName,
    backend: resourceName.optional().describe('absent: that of the project'),
    script: z
      .union([jobStep.shape.script, z.array(jobStep.shape.script).min(1).max(1_000)])
      .optional()
      .describe('what runs: one text, or a list of commands'),
    steps: z.array(stepAsWritten).min(1).max(50).optional().describe('in place of script: named parts'),
    environment: z.record(variableName, scalar).optional(),
    image: jobTemplate.shape.image,
    resources: resourcesAsWritten.optional(),
    inputs: z.array(jobInput).max(1_000).optional(),
    outputs: z.array(pathInJob).max(1_000).optional(),
    retries: retriesAsWritten.optional(),
    priority: z.int().min(-1_000).max(1_000).optional(),
    batch: z.record(z.string().max(128), scalar).optional(),
    runningAtOnce: z.int().positive().optional(),
    labels: z.record(z.string().max(64), z.string().max(1_024)).optional(),
    over: z
      .array(z.union([z.string().min(1).max(255), z.record(variableName, scalar)]))
      .min(1)
      .max(mostJobsOfGroup)
      .optional()
      .describe('one job for each: a text, which becomes $ITEM, or variables'),
    matrix: z
      .record(variableName, z.array(scalar).min(1))
      .optional()
      .describe('one job for each combination of the values'),
  })
  .superRefine((request, context) => {
    const complain = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if ((request.script === undefined) === (request.steps === undefined))
      complain('script', 'expected either script or steps');
    if (request.over !== undefined && request.matrix !== undefined)
      complain('matrix', 'expected either over or matrix, not both');
    const jobs = Object.values(request.matrix ?? {}).reduce((count, values) => count * values.length, 1);
    if (jobs > mostJobsOfGroup)
      complain('matrix', `makes ${jobs} jobs; a group has ${mostJobsOfGroup} at most`);
  });

/** What one writes: the body of `POST /api/v1/jobs`, or a file for `slipway run`. */
export type JobRequestAsWritten = z.input<typeof schema>;

/**
 * A job or a group as people write it; once parsed, as `job.submit` carries it: quantities in bytes and seconds, the
 * script as a step, the list or the matrix as items.
 */
export const jobRequest = schema.transform((written) => {
  const { resources = {}, retries = {}, runningAtOnce, labels = {}, backend } = written;
  const template = jobTemplate.parse({
    steps: written.steps?.map(({ timeout, ...step }) => ({ ...step, timeoutSeconds: timeout })) ?? [
      { name: 'script', script: [written.script ?? ''].flat().join('\n') },
    ],
    environment: written.environment,
    image: written.image,
    resources: jobResources.parse({
      cpus: resources.cpus,
      memoryBytes: resources.memory,
      diskBytes: resources.disk,
      wallTimeSeconds: resources.wallTime,
    }),
    inputs: written.inputs,
    outputs: written.outputs,
    retries: jobRetries.parse({ most: retries.most, on: retries.on, delaySeconds: retries.delay }),
    priority: written.priority,
    batch: written.batch,
  });
  const { project, name = project } = written;
  return { name, project, backend, template, items: itemsOf(written), runningAtOnce, labels };
});

/** A job or a group as it is handed in, without what its asker adds. */
export type JobRequest = z.output<typeof jobRequest>;

function itemsOf({ over, matrix }: z.output<typeof schema>): readonly z.output<typeof groupItem>[] {
  if (over) {
    return over.map(groupItemOf);
  }
  if (!matrix) return [{ key: 'job', variables: {} }];
  let combinations: readonly Readonly<Record<string, string>>[] = [{}];
  for (const [variable, values] of Object.entries(matrix))
    combinations = combinations.flatMap((one) => values.map((value) => ({ ...one, [variable]: value })));
  return combinations.map((one) => ({ key: keyOf(one), variables: { ...one } }));
}

/** One entry of a list as a job of a group: a text is its `$ITEM`, anything else its variables. */
export const groupItemOf = (item: string | Readonly<Record<string, string>>): z.output<typeof groupItem> =>
  typeof item === 'string'
    ? { key: item, variables: { ITEM: item } }
    : { key: keyOf(item), variables: variables.parse(item) };

const keyOf = (item: Readonly<Record<string, string>>): string =>
  Object.entries(item)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
    .replace(/[\0\n\r]+/g, ' ')
    .slice(0, 255) || 'job';
