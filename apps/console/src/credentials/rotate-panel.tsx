import { credentialResource } from '#contracts';
import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/request.js';
import { kindKey } from '../api/resources.js';
import { issueAt } from '../forms/values.js';
import { PanelForm } from '../parts/panel-form.js';
import { said } from '../parts/said.js';
import { SidePanel } from '../parts/side-panel.js';
import { besides, noSecret, SecretFields } from './secret-fields.js';

/** Which credential gets a new secret. What was typed is forgotten when the panel closes. */
export interface RotatePanelProps {
  readonly name: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Puts a new secret in place while the one before still counts for a while. */
export function RotatePanel({ name, isOpen, onClose }: RotatePanelProps) {
  return (
    <SidePanel isOpen={isOpen} onClose={onClose} title={`Rotate ${name}`}>
      <RotateForm name={name} onClose={onClose} />
    </SidePanel>
  );
}

function RotateForm({ name, onClose }: Omit<RotatePanelProps, 'isOpen'>) {
  const queries = useQueryClient();
  const [typed, setTyped] = useState(noSecret);
  const [overlap, setOverlap] = useState('1h');
  const rotate = async (): Promise<void> => {
    const body = { ...besides(typed), ...(overlap !== '' && { overlap }) };
    await request(`/api/v1/credentials/${encodeURIComponent(name)}/rotate`, { method: 'POST', body });
    await queries.invalidateQueries({ queryKey: kindKey(credentialResource) });
    said(`${name} has a new secret.`);
    onClose();
  };
  return (
    <PanelForm
      label={`Rotate ${name}`}
      submitLabel="Rotate"
      refusal="It was not rotated"
      missing={typed.secret === '' ? ['secret'] : []}
      onSubmit={rotate}
      onCancel={onClose}
    >
      {(issues) => (
        <>
          <SecretFields
            typed={typed}
            onChange={setTyped}
            label="New secret"
            description="It counts from now on; it is sealed at once and never shown again."
            expiryHelp="When the other side stops to take the new one, if it does."
            isRequired
            issues={issues}
          />
          <TextInput
            label="Overlap"
            description="How long the old one still counts, e.g. 30m, 1h or 2d. Meanwhile tell the other side the new one."
            value={overlap}
            onChange={(event) => setOverlap(event.currentTarget.value)}
            error={issueAt(issues, ['overlap'])}
          />
        </>
      )}
    </PanelForm>
  );
}
