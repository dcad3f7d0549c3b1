import type { WhyAnswer } from '#api';
import { Alert, Text } from '@mantine/core';
import { IconCircleCheck, IconHourglass } from '@tabler/icons-react';
import { useState } from 'react';
import { request } from '../api/request.js';
import type { Issue } from '../forms/values.js';
import { PanelForm } from '../parts/panel-form.js';
import { SidePanel } from '../parts/side-panel.js';
import { When } from '../parts/when.js';
import { ImageFields, noImage, toldOf } from './image-fields.js';

/** Stays open with its answer, so that one can ask for the next image. */
export interface WhyPanelProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Tells why an image is not on CVMFS, also one that nobody has heard of. */
export function WhyPanel({ isOpen, onClose }: WhyPanelProps) {
  return (
    <SidePanel isOpen={isOpen} onClose={onClose} title="Why is an image not there?">
      <WhyForm onClose={onClose} />
    </SidePanel>
  );
}

function WhyForm({ onClose }: Pick<WhyPanelProps, 'onClose'>) {
  const [image, setImage] = useState(noImage);
  const [answer, setAnswer] = useState<WhyAnswer>();
  const ask = async (): Promise<void> => {
    setAnswer(undefined);
    const query = { ...toldOf(image) };
    setAnswer((await request<WhyAnswer>('/api/v1/publications/why', { query })).value);
  };
  return (
    <PanelForm
      label="Why is an image not there?"
      submitLabel="Ask"
      cancelLabel="Close"
      refusal="There is no answer"
      onSubmit={ask}
      onCancel={onClose}
    >
      {(issues) => (
        <>
          <ImageFields image={image} onChange={setImage} issues={issues.map(withoutQuery)} />
          {answer && <Answer answer={answer} />}
        </>
      )}
    </PanelForm>
  );
}

/** What is asked by a query is told with `query` before the field. */
const withoutQuery = ({ path, message }: Issue): Issue => ({ path: path.slice(1), message });

function Answer({ answer: { text, isPublished, rules, pushedAt } }: { readonly answer: WhyAnswer }) {
  return (
    <Alert
      role="status"
      color={isPublished ? 'green' : 'blue'}
      icon={isPublished ? <IconCircleCheck /> : <IconHourglass />}
      title={isPublished ? 'It is there' : 'It is not there'}
      className="breakable"
    >
      <Text fz="sm" className="prewrap">
        {text}
      </Text>
      <Text fz="sm" mt="xs">
        {rules.length === 0 ? 'No image rule wants it.' : `Wanted by the image rules ${rules.join(', ')}.`}
        {pushedAt !== undefined && (
          <>
            {' '}
            A push was last heard of <When at={pushedAt} isRelative />.
          </>
        )}
      </Text>
    </Alert>
  );
}
