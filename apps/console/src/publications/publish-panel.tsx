import type { PublishBody } from '#api';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import { publishNow } from '../api/publications.js';
import { ReferenceControl } from '../forms/reference-control.js';
import { type Issue, issueAt } from '../forms/values.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { said } from '../parts/said.js';
import { SidePanel } from '../parts/side-panel.js';

const empty = { registry: '', repository: '', tag: '', digest: '', cvmfsRepository: '' };
type Wish = typeof empty;

const fields = [
  {
    name: 'registry',
    label: 'Registry',
    help: 'its host, e.g. registry.example.org or docker.io',
    required: true,
  },
  { name: 'repository', label: 'Repository', help: 'e.g. atlas/analysis or library/debian', required: true },
  { name: 'tag', label: 'Tag', help: 'either a tag …', required: false },
  { name: 'digest', label: 'Digest', help: '… or a digest, sha256:…', required: false },
] as const;

/** Publishes an image now, whether or not a registry told of it. */
export function PublishPanel({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  return (
    <SidePanel isOpen={isOpen} onClose={onClose} title="Publish an image now">
      <PublishForm onClose={onClose} />
    </SidePanel>
  );
}

function PublishForm({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [wish, setWish] = useState<Wish>(empty);
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const issues: readonly Issue[] = failure instanceof ProblemError ? (failure.problem.errors ?? []) : [];
  const set = (name: keyof Wish, text: string): void => setWish({ ...wish, [name]: text.trim() });

  const publish = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      const told = Object.fromEntries(Object.entries(wish).filter(([, text]) => text !== ''));
      const { cvmfsRepositories } = await publishNow(told as unknown as PublishBody);
      await queries.invalidateQueries({ queryKey: ['publications'] });
      said(`It is on its way to ${cvmfsRepositories.join(', ')}.`);
      onClose();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void publish(event)} noValidate aria-label="Publish an image now">
      <Stack>
        {failure !== undefined && <ProblemAlert title="It was not asked for" error={failure} />}
        {fields.map(({ name, label, help, required }) => (
          <TextInput
            key={name}
            label={label}
            description={help}
            required={required}
            value={wish[name]}
            onChange={(event) => set(name, event.currentTarget.value)}
            error={issueAt(issues, [name])}
          />
        ))}
        <ReferenceControl
          to="cvmfs_repository"
          field={{
            label: 'CVMFS repository',
            help: 'empty: wherever the image rules say',
            isRequired: false,
            path: ['cvmfsRepository'],
            fallback: undefined,
          }}
          value={wish.cvmfsRepository}
          onChange={(text) => set('cvmfsRepository', typeof text === 'string' ? text : '')}
          error={issueAt(issues, ['cvmfsRepository'])}
        />
        <Group justify="flex-end" className="form-actions">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy}>
            Publish
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
