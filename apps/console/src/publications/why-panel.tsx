import type { WhyAnswer } from '#api';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconHourglass } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import { request } from '../api/request.js';
import type { Issue } from '../forms/values.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { SidePanel } from '../parts/side-panel.js';
import { When } from '../parts/when.js';
import { ImageFields, noImage, toldOf } from './image-fields.js';

/** Tells why an image is not on CVMFS, also one that nobody has heard of. */
export function WhyPanel({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <SidePanel isOpen={isOpen} onClose={onClose} title="Why is an image not there?">
      <WhyForm onClose={onClose} />
    </SidePanel>
  );
}

function WhyForm({ onClose }: { readonly onClose: () => void }) {
  const [image, setImage] = useState(noImage);
  const [answer, setAnswer] = useState<WhyAnswer>();
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const issues: readonly Issue[] =
    failure instanceof ProblemError
      ? (failure.problem.errors ?? []).map(({ path, message }) => ({ path: path.slice(1), message }))
      : [];

  const ask = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    setAnswer(undefined);
    try {
      const query = { ...toldOf(image) };
      setAnswer((await request<WhyAnswer>('/api/v1/publications/why', { query })).value);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void ask(event)} noValidate aria-label="Why is an image not there?">
      <Stack>
        {failure !== undefined && <ProblemAlert title="There is no answer" error={failure} />}
        <ImageFields image={image} onChange={setImage} issues={issues} />
        {answer && <Answer answer={answer} />}
        <Group justify="flex-end" className="form-actions">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button type="submit" loading={isBusy}>
            Ask
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

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
