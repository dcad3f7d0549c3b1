import { Button, Group, Stack } from '@mantine/core';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import { focusFirst } from '../forms/focus-first.js';
import type { Issue } from '../forms/values.js';
import { ProblemAlert } from './problem-alert.js';

/** The fields are the caller's, and so is what they hold; the form knows what was said against them. */
export interface PanelFormProps {
  /** What it is for, for those who hear it. */
  readonly label: string;
  readonly submitLabel: string;
  readonly cancelLabel?: string;
  /** What is said when the API refuses, e.g. `It was not made`. */
  readonly refusal: string;
  /** Fields that are to be filled in and are not, by their names: they are told, and nothing is sent. */
  readonly missing?: readonly string[];
  /** Rejects with what the API says: it is shown, at the fields where it says so, and what was typed stays. */
  readonly onSubmit: () => Promise<void>;
  readonly onCancel: () => void;
  /** The fields, with what is said against them. */
  readonly children: (issues: readonly Issue[]) => ReactNode;
}

/** A form beside the page whose fields are written out; those of resources are made from their schema. */
export function PanelForm(props: PanelFormProps) {
  const { label, submitLabel, cancelLabel = 'Cancel', refusal, missing = [], onCancel } = props;
  const form = useRef<HTMLFormElement>(null);
  const [isTried, setTried] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(undefined);
    setTried(true);
    if (missing.length > 0) return focusFirst(form.current);
    setBusy(true);
    try {
      await props.onSubmit();
    } catch (error) {
      setFailure(error);
      if (error instanceof ProblemError) focusFirst(form.current);
    } finally {
      setBusy(false);
    }
  };
  const refused = failure instanceof ProblemError ? (failure.problem.errors ?? []) : [];
  const issues = isTried
    ? [...missing.map((name): Issue => ({ path: [name], message: 'is missing' })), ...refused]
    : refused;
  return (
    <form ref={form} onSubmit={(event) => void submit(event)} noValidate aria-label={label}>
      <Stack>
        {failure !== undefined && <ProblemAlert title={refusal} error={failure} />}
        {props.children(issues)}
        <Group justify="flex-end" className="form-actions">
          <Button variant="default" onClick={onCancel}>
            {cancelLabel}
          </Button>
          <Button type="submit" loading={isBusy}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
