import type { ShownSecret } from '#api';
import { credentialResource } from '#contracts';
import { Badge, Code, Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { request } from '../api/request.js';
import { kindKey } from '../api/resources.js';
import { AskedButton } from '../parts/asked-button.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { said } from '../parts/said.js';
import { When } from '../parts/when.js';
import { ExpiryBadge } from './secret-state.js';

/** The secrets of one credential, the newest first. */
export interface SecretTableProps {
  /** The credential's name. */
  readonly of: string;
  readonly secrets: readonly ShownSecret[];
  /** Whether who looks may end one. */
  readonly mayEnd: boolean;
}

/** What tells each secret from another, how long it counts, who used it, and the way to end it. */
export function SecretTable({ of, secrets, mayEnd }: SecretTableProps) {
  const which: Column<ShownSecret> = {
    header: 'Secret',
    cell: (secret) => <Which secret={secret} isNewest={secret === secrets[0]} />,
  };
  const end: Column<ShownSecret> = {
    header: 'End it',
    cell: (secret) => <EndSecret name={of} secret={secret} />,
  };
  return (
    <DataTable
      caption={`Secrets of ${of}`}
      rows={secrets}
      keyOf={({ id }) => id}
      columns={[which, ...columns, ...(mayEnd ? [end] : [])]}
    />
  );
}

const columns: readonly Column<ShownSecret>[] = [
  {
    header: 'Made',
    cell: ({ createdAt, createdBy }) => (
      <>
        <When at={createdAt} isRelative /> by {createdBy}
      </>
    ),
  },
  { header: 'Expiry', cell: (secret) => <ExpiryBadge secret={secret} /> },
  {
    header: 'Counts until',
    cell: ({ validUntil }) => (validUntil ? <When at={validUntil} /> : 'replaced'),
  },
  { header: 'Last used', cell: (secret) => <LastUse secret={secret} /> },
];

function Which({ secret, isNewest }: { readonly secret: ShownSecret; readonly isNewest: boolean }) {
  return (
    <Group gap={6}>
      {secret.lastFour !== '' && <Code>…{secret.lastFour}</Code>}
      <Code title="fingerprint">{secret.fingerprint}</Code>
      {isNewest && <Badge>in use</Badge>}
    </Group>
  );
}

function LastUse({ secret }: { readonly secret: ShownSecret }) {
  if (secret.lastUsedAt === undefined)
    return (
      <Text component="span" c="dimmed" fz="sm">
        not yet
      </Text>
    );
  return (
    <>
      <When at={secret.lastUsedAt} isRelative />{' '}
      {secret.lastUsedBy !== undefined && `by ${secret.lastUsedBy}`}
    </>
  );
}

function EndSecret({ name, secret }: { readonly name: string; readonly secret: ShownSecret }) {
  const queries = useQueryClient();
  const shown = secret.lastFour === '' ? secret.fingerprint : `…${secret.lastFour}`;
  const end = async (): Promise<void> => {
    await request(`/api/v1/credentials/${encodeURIComponent(name)}/secrets/${secret.id}`, {
      method: 'DELETE',
    });
    await queries.invalidateQueries({ queryKey: kindKey(credentialResource) });
    said(`The secret ${shown} of ${name} counts no more.`);
  };
  return (
    <AskedButton
      label="End"
      name={`End the secret ${shown}`}
      isSmall
      title={`End the secret ${shown}?`}
      confirmLabel="End it"
      onConfirm={end}
    >
      It stops to count in every service at once, and what is sealed of it is destroyed.
    </AskedButton>
  );
}
