import type { ShownSecret } from '#api';
import { credentialResource } from '#contracts';
import { Badge, Button, Code, Group, Text, Title } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/request.js';
import { kindKey, type Stored } from '../api/resources.js';
import { useMe } from '../api/session.js';
import { Confirm } from '../parts/confirm.js';
import { DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { lazyPanel } from '../parts/lazy-panel.js';
import { said } from '../parts/said.js';
import { When } from '../parts/when.js';
import { mayOffer } from '../resources/rights.js';
import type { RotatePanelProps } from './rotate-panel.js';
import { ExpiryBadge, secretsOf } from './secret-state.js';

const RotatePanel = lazyPanel<RotatePanelProps>(async () => (await import('./rotate-panel.js')).RotatePanel);

/** The secrets of a credential that count now, and how to put a new one in their place. */
export function CredentialSecrets({ stored, isPast }: { readonly stored: Stored; readonly isPast: boolean }) {
  const [isRotating, setRotating] = useState(false);
  const mayChange = mayOffer(useMe(), credentialResource) && !isPast;
  const secrets = secretsOf(stored);
  const rotate = mayChange && (
    <Button leftSection={<IconRefresh size={16} />} onClick={() => setRotating(true)}>
      Rotate
    </Button>
  );
  return (
    <section>
      <Group justify="space-between" mb="md">
        <div>
          <Title order={2} fz={18}>
            Secrets
          </Title>
          <Text fz="sm" c="dimmed">
            Kept sealed. The fingerprint tells one from another; the secret itself is never shown.
          </Text>
        </div>
        {secrets.length > 0 && rotate}
      </Group>
      {secrets.length === 0 ? (
        <Empty title="No secret counts" action={rotate}>
          Whoever uses this credential is refused until it has one.
        </Empty>
      ) : (
        <DataTable
          caption={`Secrets of ${stored.name}`}
          rows={secrets}
          keyOf={({ id }) => id}
          columns={[
            {
              header: 'Secret',
              cell: (secret) => <Which secret={secret} isNewest={secret === secrets[0]} />,
            },
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
            ...(mayChange
              ? [
                  {
                    header: 'End it',
                    cell: (secret: ShownSecret) => <EndSecret name={stored.name} secret={secret} />,
                  },
                ]
              : []),
          ]}
        />
      )}
      <RotatePanel name={stored.name} isOpen={isRotating} onClose={() => setRotating(false)} />
    </section>
  );
}

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
  const [isOpen, setOpen] = useState(false);
  const shown = secret.lastFour === '' ? secret.fingerprint : `…${secret.lastFour}`;
  const end = async (): Promise<void> => {
    await request(`/api/v1/credentials/${encodeURIComponent(name)}/secrets/${secret.id}`, {
      method: 'DELETE',
    });
    await queries.invalidateQueries({ queryKey: kindKey(credentialResource) });
    said(`The secret ${shown} of ${name} counts no more.`);
  };
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`End the secret ${shown}`}
        onClick={() => setOpen(true)}
      >
        End
      </Button>
      <Confirm
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={`End the secret ${shown}?`}
        confirmLabel="End it"
        onConfirm={end}
      >
        It stops to count in every service at once, and what is sealed of it is destroyed.
      </Confirm>
    </>
  );
}
