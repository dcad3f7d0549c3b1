import type { Resource } from '#contracts';
import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { resourceOfKind } from '../api/kinds.js';
import type { Stored } from '../api/resources.js';
import { SecretState } from '../credentials/secret-state.js';
import { type Field, fieldsOf } from '../forms/fields.js';
import { shownValue } from '../forms/shown-value.js';
import { valueAt } from '../forms/values.js';
import type { Column } from '../parts/data-table.js';
import { ChangedBy } from './changed-by.js';
import { placeOf } from './rights.js';

/** As many as can be read beside one another. */
const maxColumns = 3;

/** What a list shows of a kind besides the name: what must be filled in, then what says where it belongs. */
export function columnsOf(resource: Resource, isInProject: boolean): readonly Column<Stored>[] {
  const shown = fieldsOf(resource)
    .filter((field) => isWorthAColumn(field) && !(isInProject && field.path[0] === 'project'))
    .slice(0, maxColumns);
  return [
    ...shown.map((field) => ({
      header: field.label,
      cell: (row: Stored) => <Value field={field} row={row} />,
    })),
    ...(resource.kind === 'credential'
      ? [{ header: 'Secret', cell: (row: Stored) => <SecretState stored={row} /> }]
      : []),
    { header: 'Changed', cell: ({ at, by }) => <ChangedBy at={at} by={by} /> },
  ];
}

const isWorthAColumn = ({ path: [name], control }: Field): boolean =>
  !['name', 'host', 'username', 'gitlabId', 'plugin', 'transfer'].includes(name ?? '') &&
  ['text', 'choice', 'texts', 'reference'].includes(control);

function Value({ field, row }: { readonly field: Field; readonly row: Stored }) {
  const value = valueAt(row.spec, field.path) ?? field.fallback;
  if (value === undefined)
    return (
      <Text component="span" c="dimmed">
        —
      </Text>
    );
  if (field.control === 'reference' && typeof value === 'string')
    return (
      <Anchor component={Link} to={placeOf(resourceOfKind(field.to), value)} fz="sm">
        {value}
      </Anchor>
    );
  return (
    <Text component="span" fz="sm">
      {shownValue(value)}
    </Text>
  );
}
