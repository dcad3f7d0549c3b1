import type { AuditEntry } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { relative } from '../../output/words.js';
import { pastTime } from '../../times.js';

/** `slipway audit`. */
export const audit: Action = async (context, input) => {
  const { out, now } = context;
  const since = input.text('since');
  const query = {
    by: input.text('by'),
    kind: input.text('kind'),
    name: input.text('name'),
    project: input.text('project'),
    since: since === undefined ? undefined : pastTime(since, 'since', now()),
  };
  const items = await registryOf(context).all<AuditEntry>('/audit', query, input.count('limit'));
  await out.result({ items }, async () => {
    if (items.length === 0) return 'nobody changed anything';
    const { table } = await import('../../output/table.js');
    return table(
      items,
      [
        { title: 'when', value: ({ at }) => relative(at, now()) },
        { title: 'who', value: ({ by }) => by, shrinks: true },
        { title: 'by', value: ({ via }) => via },
        {
          title: 'what',
          value: ({ action }) => action,
          colour: ({ action }) => (action === 'removed' ? 'red' : action === 'created' ? 'green' : undefined),
        },
        { title: 'kind', value: ({ kind }) => kind ?? '-' },
        { title: 'name', value: ({ name }) => name ?? '-', shrinks: true },
        { title: 'version', value: ({ version }) => String(version ?? '-') },
        {
          title: 'fields',
          value: ({ fields, detail }) => detail ?? (fields.join(', ') || '-'),
          shrinks: true,
        },
      ],
      out,
    );
  });
};
