import type { ShownSecret } from '#api';
import { Badge, Code, Group, Text } from '@mantine/core';
import type { Stored } from '../api/resources.js';
import { fromNow, useNow } from '../parts/when.js';

/** The secrets of a credential as the API tells of them: never the secret itself. */
export function secretsOf(stored: Stored): readonly ShownSecret[] {
  return 'secrets' in stored && Array.isArray(stored.secrets)
    ? (stored.secrets as readonly ShownSecret[])
    : [];
}

const dayMs = 86_400_000;

/** Whether and when a secret ends, and how urgent that is. */
export function ExpiryBadge({ secret }: { readonly secret: ShownSecret }) {
  const now = useNow(60_000);
  const end = secret.expiresAt;
  if (end === undefined) return <Badge color="gray">no expiry told</Badge>;
  const left = Date.parse(end) - now;
  const words = fromNow(new Date(end), now);
  if (left <= 0) return <Badge color="red">expired {words}</Badge>;
  return <Badge color={left < 14 * dayMs ? 'yellow' : 'green'}>expires {words}</Badge>;
}

/** In a list: which secret it is, and whether somebody has to act. */
export function SecretState({ stored }: { readonly stored: Stored }) {
  const secrets = secretsOf(stored);
  const [newest] = secrets;
  if (!newest) return <Badge color="red">no secret</Badge>;
  return (
    <Group gap={6}>
      {newest.lastFour !== '' && <Code>…{newest.lastFour}</Code>}
      <ExpiryBadge secret={newest} />
      {secrets.length > 1 && (
        <Text component="span" fz="xs" c="dimmed">
          +{secrets.length - 1} older
        </Text>
      )}
    </Group>
  );
}
