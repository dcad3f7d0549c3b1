import { type CreatedApiKey, roles } from '#api';
import { NativeSelect, TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { makeApiKey } from '../api/api-keys.js';
import { issueAt } from '../forms/values.js';
import { PanelForm } from '../parts/panel-form.js';
import { SidePanel } from '../parts/side-panel.js';

/** `onMade` gets the key itself, which can be shown this once: the API never tells it again. */
export interface NewKeyPanelProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onMade: (made: CreatedApiKey) => void;
}

/** Asks what a new API key is for, and makes it. */
export function NewKeyPanel({ isOpen, onClose, onMade }: NewKeyPanelProps) {
  return (
    <SidePanel isOpen={isOpen} onClose={onClose} title="New API key">
      <NewKeyForm onClose={onClose} onMade={onMade} />
    </SidePanel>
  );
}

const meanings: Readonly<Record<(typeof roles)[number], string>> = {
  reader: 'reader: sees, changes nothing',
  member: 'member: changes what its projects own',
  admin: 'admin: everything',
};

function NewKeyForm({ onClose, onMade }: Omit<NewKeyPanelProps, 'isOpen'>) {
  const [name, setName] = useState('');
  const [role, setRole] = useState('reader');
  const [onlyProjects, setOnlyProjects] = useState<string[]>([]);
  const [expiresIn, setExpiresIn] = useState('90d');
  const make = async (): Promise<void> => {
    const body = { name: name.trim(), role, expiresIn, ...(onlyProjects.length > 0 && { onlyProjects }) };
    const made = await makeApiKey(body);
    onClose();
    onMade(made);
  };
  return (
    <PanelForm
      label="New API key"
      submitLabel="Make it"
      refusal="It was not made"
      onSubmit={make}
      onCancel={onClose}
    >
      {(issues) => (
        <>
          <TextInput
            label="Name"
            description="What it is for: it is shown as who did what."
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={issueAt(issues, ['name'])}
          />
          <NativeSelect
            label="Role"
            description="No more than the program needs."
            data={roles.toReversed().map((each) => ({ value: each, label: meanings[each] }))}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value)}
            error={issueAt(issues, ['role'])}
          />
          <TagsInput
            label="Only these projects"
            description="It sees and does nothing outside of them. Empty: all."
            value={onlyProjects}
            onChange={setOnlyProjects}
            error={issueAt(issues, ['onlyProjects'])}
          />
          <TextInput
            label="Counts for"
            description="e.g. 12h or 90d"
            value={expiresIn}
            onChange={(event) => setExpiresIn(event.currentTarget.value)}
            error={issueAt(issues, ['expiresIn'])}
          />
        </>
      )}
    </PanelForm>
  );
}
