import { Divider, Stack } from '@mantine/core';
import { useState } from 'react';
import { EditPanel, type EditPanelProps } from '../resources/edit-panel.js';
import { besides, noSecret, SecretFields } from './secret-fields.js';

/** Makes or changes a credential: its description, and the secret beside it, which is written and never read back. */
export function CredentialPanel(props: EditPanelProps) {
  const [typed, setTyped] = useState(noSecret);
  const isNew = props.stored === undefined;
  const close = (): void => {
    setTyped(noSecret);
    props.onClose();
  };
  return (
    <EditPanel
      {...props}
      onClose={close}
      besides={besides(typed)}
      more={(issues) => (
        <Stack gap="md">
          <Divider />
          <SecretFields
            typed={typed}
            onChange={setTyped}
            label={isNew ? 'Secret' : 'New secret'}
            description={
              isNew
                ? 'It is sealed at once and never shown again.'
                : 'Only to replace it at once. To replace it without a gap, use Rotate instead.'
            }
            expiryHelp="When the other side stops to take it, if it does; Slipway warns before."
            isRequired={isNew}
            issues={issues}
          />
        </Stack>
      )}
    />
  );
}
