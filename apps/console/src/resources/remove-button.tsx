import type { Resource } from '#contracts';
import { IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { etagOf, kindKey, removeResource, type Stored } from '../api/resources.js';
import { AskedButton } from '../parts/asked-button.js';
import { said } from '../parts/said.js';

/** `stored` is the version that was seen: the API refuses the removal of a later one. */
export interface RemoveButtonProps {
  readonly resource: Resource;
  readonly stored: Stored;
  readonly onRemoved: () => void;
  /** Whether it stands in a row, among others like it. */
  readonly isSmall?: boolean;
}

/** Removes a resource after a question back. */
export function RemoveButton({ resource, stored, onRemoved, isSmall = false }: RemoveButtonProps) {
  const queries = useQueryClient();
  const remove = async (): Promise<void> => {
    await removeResource(resource, stored.name, etagOf(stored));
    said(`The ${resource.title} ${stored.name} is removed.`);
    onRemoved();
    await queries.invalidateQueries({ queryKey: kindKey(resource), refetchType: 'active' });
  };
  return (
    <AskedButton
      label="Remove"
      name={`Remove ${stored.name}`}
      icon={<IconTrash size={16} />}
      isSmall={isSmall}
      title={`Remove the ${resource.title} ${stored.name}?`}
      confirmLabel="Remove it"
      onConfirm={remove}
    >
      Every service hears of it at once. Its history stays: one can still see what it was, and make it again.
    </AskedButton>
  );
}
