import { Button, Group, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import { publishNow } from '../api/publications.js';
import type { Issue } from '../forms/values.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { said } from '../parts/said.js';
import { SidePanel } from '../parts/side-panel.js';
import { ImageFields, noImage, toldOf } from './image-fields.js';

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
  const [wish, setWish] = useState(noImage);
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const issues: readonly Issue[] = failure instanceof ProblemError ? (failure.problem.errors ?? []) : [];

  const publish = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      const { cvmfsRepositories } = await publishNow(toldOf(wish));
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
        <ImageFields image={wish} onChange={setWish} issues={issues} />
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
