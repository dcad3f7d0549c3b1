import { Badge } from '@mantine/core';
import type { StreamState } from '../api/events.js';

const shown = {
  live: { color: 'green', words: 'Live' },
  connecting: { color: 'gray', words: 'Connecting' },
  away: { color: 'yellow', words: 'Not live' },
} as const;

/** Whether what is shown moves by itself. */
export function LiveBadge({ state }: { readonly state: StreamState }) {
  const { color, words } = shown[state];
  return (
    <Badge
      color={color}
      size="lg"
      leftSection={<span className={`dot dot-${state}`} aria-hidden />}
      role="status"
    >
      {words}
    </Badge>
  );
}
