import { inWords, type Resource } from '#contracts';
import { Button, Group, Stack } from '@mantine/core';
import { type FormEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { FieldsBlock } from './fields-block.js';
import { fieldsOf, possiblePart } from './fields.js';
import { focusFirst } from './focus-first.js';
import { UnreadText } from './yaml-text.js';
import { type Issue, same, type Spec, valueAt } from './values.js';

/** The fields come from the kind's schema; what it cannot say, such as secrets, comes by `more`. */
export interface ResourceFormProps {
  readonly resource: Resource;
  readonly start: Spec;
  /** Fields that stand but cannot be changed here, e.g. the name of what has one. */
  readonly locked?: readonly string[];
  readonly submitLabel: string;
  /** Rejects with what the API says; a problem's errors are shown at their fields. */
  readonly onSubmit: (spec: Spec) => Promise<void>;
  readonly onCancel: () => void;
  /** Fields beside the specification, given what is said against them. */
  readonly more?: (issues: readonly Issue[]) => ReactNode;
}

/** A form for any kind of resource. What is wrong is said at its field, and the first such field gets the focus. */
export function ResourceForm(props: ResourceFormProps) {
  const { resource, start, locked = [], submitLabel, onSubmit, onCancel, more } = props;
  const allFields = useMemo(() => fieldsOf(resource), [resource]);
  const form = useRef<HTMLFormElement>(null);
  const [spec, setSpec] = useState(start);
  const [issues, setIssues] = useState<readonly Issue[]>([]);
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  // What is hidden stays as it was typed, for when the kind is chosen again.
  const fields = allFields.filter(({ path: [name = ''] }) => resource.hasField(spec, name));

  const change = (next: Spec): void => {
    setSpec(next);
    // What was said of a value is not said of the one that stands there now.
    setIssues(issues.filter(({ path }) => same(valueAt(spec, path), valueAt(next, path))));
  };
  const refuse = (found: readonly Issue[]): void => {
    setIssues(found);
    focusFirst(form.current);
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(undefined);
    // The API checks the same schema; what it would refuse need not be sent.
    const possible = possiblePart(resource, spec);
    const found = issuesOf(resource, possible);
    if (found.length > 0) return refuse(found);
    setBusy(true);
    setIssues([]);
    try {
      await onSubmit(possible);
    } catch (error) {
      setFailure(error);
      if (error instanceof ProblemError) refuse(error.problem.errors ?? []);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form ref={form} onSubmit={(event) => void submit(event)} noValidate aria-label={resource.title}>
      <Stack gap="lg">
        {failure !== undefined && <ProblemAlert title="It was not saved" error={failure} />}
        <FieldsBlock fields={fields} spec={spec} onChange={change} issues={issues} locked={locked} />
        {more?.(issues)}
        <Group justify="flex-end" className="form-actions">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function issuesOf(resource: Resource, spec: Spec): readonly Issue[] {
  const { error } = resource.schema.safeParse(spec, inWords);
  return (error?.issues ?? []).map((issue) => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    return { path, message: wordsFor(issue, valueAt(spec, path)) };
  });
}

/** The schema's own words, but for what it says of types to those who write programs, and where nothing could be read. */
function wordsFor(issue: { readonly code: string; readonly message: string }, value: unknown): string {
  if (value instanceof UnreadText) return value.fault;
  return value === undefined && issue.code !== 'custom' ? 'is missing' : issue.message;
}
