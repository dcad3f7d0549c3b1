import { credentialResource } from '#contracts';
import { Button, Group, Text, Title } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import type { Stored } from '../api/resources.js';
import { useMe } from '../api/session.js';
import { Empty } from '../parts/empty.js';
import { lazyPanel } from '../parts/lazy-panel.js';
import { mayOffer } from '../resources/rights.js';
import type { RotatePanelProps } from './rotate-panel.js';
import { secretsOf } from './secret-state.js';
import { SecretTable } from './secret-table.js';

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
        <SecretTable of={stored.name} secrets={secrets} mayEnd={mayChange} />
      )}
      <RotatePanel name={stored.name} isOpen={isRotating} onClose={() => setRotating(false)} />
    </section>
  );
}
