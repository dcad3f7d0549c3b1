import type { Publication } from '#api';
import { Badge } from '@mantine/core';

const colors: Readonly<Record<Publication['state'], string>> = {
  waiting: 'gray',
  publishing: 'blue',
  retrying: 'yellow',
  published: 'green',
  failed: 'red',
  unpublishing: 'blue',
  unpublished: 'gray',
};

/** Every state there is, as the type demands. */
export const publicationStates = Object.keys(colors);

/** A publication's state by colour and word. */
export function StateBadge({ state }: Pick<Publication, 'state'>) {
  return <Badge color={colors[state]}>{state}</Badge>;
}
