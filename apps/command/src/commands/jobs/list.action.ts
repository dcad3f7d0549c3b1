import type { GridJob, JobGroup } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { usage } from '../../errors/usage.js';
import { relative, size } from '../../output/words.js';
import { pastTime } from '../../times.js';
import { findNamed } from './find-job.js';
import { countsText, duration, reasonText, shortId, stateColour } from './words.js';

/** `slipway jobs list`. */
export const list: Action = async (context, input) => {
  const { out, now } = context;
  const time = (option: 'since' | 'until'): string | undefined => {
    const text = input.text(option);
    return text === undefined ? undefined : pastTime(text, option, now());
  };
  const query = {
    project: input.text('project'),
    backend: input.text('backend'),
    user: input.text('user'),
    state: input.text('state'),
    q: input.text('query'),
    since: time('since'),
    until: time('until'),
  };
  const items = await registryOf(context).all<JobGroup>('/groups', query, input.count('limit'));
  await out.result({ items }, async () => {
    if (items.length === 0) return 'no group of jobs here';
    const { table } = await import('../../output/table.js');
    return table(
      items,
      [
        { title: 'id', value: ({ id }) => shortId(id) },
        { title: 'state', value: ({ state }) => state, colour: ({ state }) => stateColour(state) },
        { title: 'name', value: ({ name }) => name, shrinks: true },
        { title: 'project', value: ({ project }) => project, shrinks: true },
        { title: 'backend', value: ({ backend }) => backend ?? '-' },
        { title: 'jobs', value: (group) => group.refusal?.reason ?? countsText(group), shrinks: true },
        { title: 'by', value: ({ requestedBy }) => requestedBy, shrinks: true },
        { title: 'handed in', value: ({ requestedAt }) => relative(requestedAt, now()) },
      ],
      out,
    );
  });
};

/** `slipway jobs of ID`. */
export const listJobs: Action = async (context, input) => {
  const { out, now } = context;
  const registry = registryOf(context);
  const named = await findNamed(registry, input.argument('id'));
  if (named.kind === 'job') throw usage(`${input.argument('id')} is one job: "slipway jobs show" shows it`);
  const path = `/groups/${named.group.id}/jobs`;
  const items = await registry.all<GridJob>(path, { state: input.text('state') }, input.count('limit'));
  await out.result({ items }, async () => {
    if (items.length === 0) return 'no such job in this group';
    const { table } = await import('../../output/table.js');
    return table(
      items,
      [
        { title: 'no', value: ({ index }) => String(index) },
        { title: 'state', value: ({ state }) => state, colour: ({ state }) => stateColour(state) },
        { title: 'job', value: ({ key }) => key, shrinks: true },
        { title: 'attempt', value: ({ attempt }) => String(attempt) },
        { title: 'began', value: ({ startedAt }) => relative(startedAt, now()) },
        { title: 'took', value: (job) => duration(job, now()) },
        { title: 'log', value: ({ logBytes }) => size(logBytes) },
        { title: 'outputs', value: ({ outputBytes }) => size(outputBytes) },
        { title: 'why', value: reasonText, shrinks: true },
      ],
      out,
    );
  });
};
