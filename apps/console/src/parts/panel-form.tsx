import { Button, Group, Stack } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import type { Issue } from '../forms/values.js';
import { ProblemAlert } from './problem-alert.js';

export interface PanelFormProps {
  /** What it is for, for those who hear it. */
  readonly label: string;
  readonly submitLabel: string;
  readonly cancelLabel?: string;
  /** What is said when the API refuses, e.g. `It was not made`. */
  readonly refusal: string;
  /** Whether enough is filled in to try. */
  readonly isReady?: boolean;
  /** Rejects with what the API says: it is shown, at the fields where it says so, and what was typed stays. */
  readonly onSubmit: () => Promise<void>;
  readonly onCancel: () => void;
  /** The fields, with what is said against them. */
  readonly children: (issues: readonly Issue[]) => ReactNode;
}

/** A form beside the page whose fields are written out; those of resources are made from their schema. */
export function PanelForm(props: PanelFormProps) {
  const { label, submitLabel, cancelLabel = 'Cancel', refusal, isReady = true, onCancel } = props;
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      await props.onSubmit();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate aria-label={label}>
      <Stack>
        {failure !== undefined && <ProblemAlert title={refusal} error={failure} />}
        {props.children(failure instanceof ProblemError ? (failure.problem.errors ?? []) : [])}
        <Group justify="flex-end" className="form-actions">
          <Button variant="default" onClick={onCancel}>
            {cancelLabel}
          </Button>
          <Button type="submit" loading={isBusy} disabled={!isReady}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
