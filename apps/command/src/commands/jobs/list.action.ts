import type { JobGroup } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { relative } from '../../output/words.js';
import { filtersOf } from './filters.js';
import { countsText, shortId, stateColour } from './words.js';

/** `slipway jobs list`. */
export const list: Action = async (context, input) => {
  const { out, now } = context;
  const items = await registryOf(context).all<JobGroup>(
    '/groups',
    filtersOf(context, input),
    input.count('limit'),
  );
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
