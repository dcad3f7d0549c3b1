import type { ApiKey } from '#api';
import { Badge, Group, Text } from '@mantine/core';
import { revokeApiKey } from '../api/api-keys.js';
import { AskedButton } from '../parts/asked-button.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { said } from '../parts/said.js';
import { When } from '../parts/when.js';

/** The keys that were read, and what to do once one of them is no more. */
export interface KeyTableProps {
  readonly keys: readonly ApiKey[];
  readonly onRevoked: () => void;
}

/** What each key may do, how long it counts, and the way to end it before. */
export function KeyTable({ keys, onRevoked }: KeyTableProps) {
  const revoke: Column<ApiKey> = {
    header: 'Revoke',
    cell: (key) => <Revoke apiKey={key} onRevoked={onRevoked} />,
  };
  return <DataTable caption="API keys" rows={keys} keyOf={({ id }) => id} columns={[...columns, revoke]} />;
}

const columns: readonly Column<ApiKey>[] = [
  {
    header: 'Name',
    cell: ({ name }) => (
      <Text component="span" fw={600}>
        {name}
      </Text>
    ),
  },
  { header: 'Role', cell: (key) => <Right apiKey={key} /> },
  {
    header: 'Made',
    cell: ({ createdAt, createdBy }) => (
      <>
        <When at={createdAt} isRelative /> by {createdBy}
      </>
    ),
  },
  { header: 'Expires', cell: ({ expiresAt }) => <When at={expiresAt} isRelative /> },
  {
    header: 'Last used',
    cell: ({ lastUsedAt }) => (lastUsedAt ? <When at={lastUsedAt} isRelative /> : 'not yet'),
  },
];

function Right({ apiKey: { role, onlyProjects } }: { readonly apiKey: ApiKey }) {
  return (
    <Group gap={6}>
      <Badge color={role === 'admin' ? 'yellow' : 'harbour'}>{role}</Badge>
      {onlyProjects && (
        <Text component="span" fz="sm">
          {onlyProjects.join(', ')}
        </Text>
      )}
    </Group>
  );
}

function Revoke({
  apiKey: { id, name },
  onRevoked,
}: {
  readonly apiKey: ApiKey;
  readonly onRevoked: () => void;
}) {
  const revoke = async (): Promise<void> => {
    await revokeApiKey(id);
    said(`The key ${name} is revoked.`);
    onRevoked();
  };
  return (
    <AskedButton
      label="Revoke"
      name={`Revoke ${name}`}
      isSmall
      title={`Revoke the key ${name}?`}
      confirmLabel="Revoke it"
      onConfirm={revoke}
    >
      It ends within a second, everywhere. Programs that use it are refused from then on.
    </AskedButton>
  );
}
