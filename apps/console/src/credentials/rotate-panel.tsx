import { credentialResource } from '#contracts';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import { request } from '../api/request.js';
import { kindKey } from '../api/resources.js';
import { type Issue, issueAt } from '../forms/values.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { said } from '../parts/said.js';
import { SidePanel } from '../parts/side-panel.js';
import { besides } from './credential-panel.js';
import { SecretInput } from './secret-input.js';

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

function RotateForm({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [secret, setSecret] = useState('');
  const [expiresAt, setExpiresAt] = useState('');
  const [overlap, setOverlap] = useState('1h');
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const issues: readonly Issue[] = failure instanceof ProblemError ? (failure.problem.errors ?? []) : [];

  const rotate = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      const body = { ...besides(secret, expiresAt), ...(overlap !== '' && { overlap }) };
      await request(`/api/v1/credentials/${encodeURIComponent(name)}/rotate`, { method: 'POST', body });
      await queries.invalidateQueries({ queryKey: kindKey(credentialResource) });
      said(`${name} has a new secret.`);
      onClose();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void rotate(event)} noValidate aria-label={`Rotate ${name}`}>
      <Stack>
        {failure !== undefined && <ProblemAlert title="It was not rotated" error={failure} />}
        <SecretInput
          label="New secret"
          description="It counts from now on; it is sealed at once and never shown again."
          isRequired
          value={secret}
          onChange={setSecret}
          error={issueAt(issues, ['secret'])}
        />
        <TextInput
          type="datetime-local"
          label="Expires"
          description="When the other side stops to take the new one, if it does."
          value={expiresAt}
          onChange={(event) => setExpiresAt(event.currentTarget.value)}
          error={issueAt(issues, ['expiresAt'])}
        />
        <TextInput
          label="Overlap"
          description="How long the old one still counts, e.g. 30m, 1h or 2d. Meanwhile tell the other side the new one."
          value={overlap}
          onChange={(event) => setOverlap(event.currentTarget.value)}
          error={issueAt(issues, ['overlap'])}
        />
        <Group justify="flex-end" className="form-actions">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy} disabled={secret === ''}>
            Rotate
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
