import { Divider, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Issue } from '../forms/values.js';
import { issueAt } from '../forms/values.js';
import { EditPanel, type EditPanelProps } from '../resources/edit-panel.js';
import { SecretInput } from './secret-input.js';

/** Makes or changes a credential: its description, and the secret beside it, which is written and never read back. */
export function CredentialPanel(props: EditPanelProps) {
  const [secret, setSecret] = useState('');
  const [expiresAt, setExpiresAt] = useState('');
  const isNew = props.stored === undefined;
  const close = (): void => {
    setSecret('');
    setExpiresAt('');
    props.onClose();
  };
  const fields = (issues: readonly Issue[]) => (
    <Stack gap="md">
      <Divider />
      <SecretInput
        label={isNew ? 'Secret' : 'New secret'}
        description={
          isNew
            ? 'It is sealed at once and never shown again.'
            : 'Only to replace it at once. To replace it without a gap, use Rotate instead.'
        }
        isRequired={isNew}
        value={secret}
        onChange={setSecret}
        error={issueAt(issues, ['secret'])}
      />
      <TextInput
        type="datetime-local"
        label="Expires"
        description="When the other side stops to take it, if it does; Slipway warns before."
        value={expiresAt}
        onChange={(event) => setExpiresAt(event.currentTarget.value)}
        error={issueAt(issues, ['expiresAt'])}
      />
    </Stack>
  );
  return <EditPanel {...props} onClose={close} besides={besides(secret, expiresAt)} more={fields} />;
}

/** What is sent beside the specification: nothing that was left empty. */
export const besides = (secret: string, expiresAt: string): Readonly<Record<string, string>> => ({
  ...(secret !== '' && { secret }),
  ...(expiresAt !== '' && { expiresAt: new Date(expiresAt).toISOString() }),
});
