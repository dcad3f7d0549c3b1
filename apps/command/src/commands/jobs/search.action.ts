import type { GridJob } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import type { Context } from '../../context.js';
import { usage } from '../../errors/usage.js';
import type { Column } from '../../output/table.js';
import { relative, size } from '../../output/words.js';
import { filtersOf } from './filters.js';
import { findNamed } from './find-job.js';
import { duration, reasonText, shortId, stateColour } from './words.js';

/** `slipway jobs search`. */
export const search: Action = async (context, input) => {
  const { now } = context;
  const query = filtersOf(context, input);
  const items = await registryOf(context).all<GridJob>('/jobs', query, input.count('limit'));
  await show(context, items, 'no such job', [
    { title: 'id', value: ({ id }) => shortId(id) },
    ...stateAndKey,
    { title: 'project', value: ({ project }) => project, shrinks: true },
    { title: 'backend', value: ({ backend }) => backend, shrinks: true },
    { title: 'there', value: ({ batchId }) => batchId ?? '-', shrinks: true },
    { title: 'queued', value: ({ queuedAt }) => relative(queuedAt, now()) },
    ...howItWent(now()),
  ]);
};

/** `slipway jobs of ID`. */
export const listJobs: Action = async (context, input) => {
  const { now } = context;
  const registry = registryOf(context);
  const named = await findNamed(registry, input.argument('id'));
  if (named.kind === 'job') throw usage(`${input.argument('id')} is one job: "slipway jobs show" shows it`);
  const path = `/groups/${named.group.id}/jobs`;
  const items = await registry.all<GridJob>(path, { state: input.text('state') }, input.count('limit'));
  await show(context, items, 'no such job in this group', [
    { title: 'no', value: ({ index }) => String(index) },
    ...stateAndKey,
    { title: 'attempt', value: ({ attempt }) => String(attempt) },
    { title: 'began', value: ({ startedAt }) => relative(startedAt, now()) },
    ...howItWent(now()),
  ]);
};

const stateAndKey: readonly Column<GridJob>[] = [
  { title: 'state', value: ({ state }) => state, colour: ({ state }) => stateColour(state) },
  { title: 'job', value: ({ key }) => key, shrinks: true },
];

const howItWent = (now: Date): readonly Column<GridJob>[] => [
  { title: 'took', value: (job) => duration(job, now) },
  { title: 'log', value: ({ logBytes }) => size(logBytes) },
  { title: 'outputs', value: ({ outputBytes }) => size(outputBytes) },
  { title: 'why', value: reasonText, shrinks: true },
];

async function show(
  { out }: Context,
  items: readonly GridJob[],
  none: string,
  columns: readonly Column<GridJob>[],
): Promise<void> {
  await out.result({ items }, async () => {
    if (items.length === 0) return none;
    const { table } = await import('../../output/table.js');
    return table(items, columns, out);
  });
}
