import { type CreatedApiKey, roles } from '#api';
import { Button, Group, NativeSelect, Stack, TagsInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import { request } from '../api/request.js';
import { type Issue, issueAt } from '../forms/values.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { SidePanel } from '../parts/side-panel.js';

export interface NewKeyPanelProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onMade: (made: CreatedApiKey) => void;
}

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
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const issues: readonly Issue[] = failure instanceof ProblemError ? (failure.problem.errors ?? []) : [];

  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      const body = { name: name.trim(), role, expiresIn, ...(onlyProjects.length > 0 && { onlyProjects }) };
      const { value } = await request<CreatedApiKey>('/api/v1/api-keys', { method: 'POST', body });
      onClose();
      onMade(value);
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void make(event)} noValidate aria-label="New API key">
      <Stack>
        {failure !== undefined && <ProblemAlert title="It was not made" error={failure} />}
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
        <Group justify="flex-end" className="form-actions">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy}>
            Make it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
