import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { publishNow } from '../api/publications.js';
import { PanelForm } from '../parts/panel-form.js';
import { said } from '../parts/said.js';
import { SidePanel } from '../parts/side-panel.js';
import { ImageFields, noImage, toldOf } from './image-fields.js';

/** Closes itself once the registry has taken the wish; how it goes on, the list shows. */
export interface PublishPanelProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Publishes an image now, whether or not a registry told of it. */
export function PublishPanel({ isOpen, onClose }: PublishPanelProps) {
  return (
    <SidePanel isOpen={isOpen} onClose={onClose} title="Publish an image now">
      <PublishForm onClose={onClose} />
    </SidePanel>
  );
}

function PublishForm({ onClose }: Pick<PublishPanelProps, 'onClose'>) {
  const queries = useQueryClient();
  const [wish, setWish] = useState(noImage);
  const publish = async (): Promise<void> => {
    const { cvmfsRepositories } = await publishNow(toldOf(wish));
    await queries.invalidateQueries({ queryKey: ['publications'] });
    said(`It is on its way to ${cvmfsRepositories.join(', ')}.`);
    onClose();
  };
  return (
    <PanelForm
      label="Publish an image now"
      submitLabel="Publish"
      refusal="It was not asked for"
      onSubmit={publish}
      onCancel={onClose}
    >
      {(issues) => <ImageFields image={wish} onChange={setWish} issues={issues} />}
    </PanelForm>
  );
}
