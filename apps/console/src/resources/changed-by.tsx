import { Text } from '@mantine/core';
import { When } from '../parts/when.js';

/** Who changed it, and how long ago. */
export function ChangedBy({ at, by }: { readonly at: string; readonly by: string }) {
  return (
    <Text component="span" fz="sm">
      <When at={at} isRelative />
      <Text component="span" fz="sm" c="dimmed">
        {' '}
        by {by}
      </Text>
    </Text>
  );
}
