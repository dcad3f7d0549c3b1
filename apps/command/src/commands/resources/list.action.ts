import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import type { Column } from '../../output/table.js';
import { cell, counted, relative } from '../../output/words.js';
import { pastTime } from '../../times.js';
import { kindOf, type ResourceState } from './resource.js';

/** `slipway <kind> list`. */
export const list =
  (plural: string): Action =>
  async (context, input) => {
    const { out } = context;
    const at = input.text('at');
    const query = {
      q: input.text('query'),
      project: input.text('project'),
      at: at === undefined ? undefined : pastTime(at, 'at', context.now()),
    };
    const items = await registryOf(context).all<ResourceState>(`/${plural}`, query, input.count('limit'));
    await out.result({ items }, async () => {
      if (items.length === 0) return `no ${kindOf(plural).title} here`;
      const { table } = await import('../../output/table.js');
      const text = table(items, columnsOf(plural, context.now()), out);
      out.note(out.paint('dim', counted(items.length, 'entry', 'entries')));
      return text;
    });
  };

function columnsOf(plural: string, now: Date): readonly Column<ResourceState>[] {
  return [
    { title: 'name', value: ({ name }) => name, colour: () => 'bold' },
    ...kindOf(plural).columns.map((path) => ({
      title: path,
      value: ({ spec }: ResourceState) => cell(path.split('.').reduce<unknown>(fieldOf, spec)),
      shrinks: true,
    })),
    ...(plural === 'credentials' ? secretColumns(now) : []),
    { title: 'changed', value: ({ at }) => relative(at, now) },
    { title: 'by', value: ({ by }) => by, shrinks: true },
  ];
}

const secretColumns = (now: Date): readonly Column<ResourceState>[] => [
  {
    title: 'secret',
    value: ({ secrets = [] }) => secrets.map(({ lastFour }) => `…${lastFour ?? ''}`).join(', ') || 'none',
  },
  {
    title: 'ends',
    value: ({ secrets = [] }) => relative(secrets.flatMap(({ expiresAt }) => expiresAt ?? []).sort()[0], now),
    colour: ({ secrets = [] }) =>
      secrets.some(
        ({ expiresAt }) => expiresAt !== undefined && Date.parse(expiresAt) < now.getTime() + 7 * 86_400e3,
      )
        ? 'yellow'
        : undefined,
  },
];

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
