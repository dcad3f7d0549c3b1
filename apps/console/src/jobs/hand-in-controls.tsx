import { Textarea, TextInput } from '@mantine/core';
import type { ChangeEvent } from 'react';
import { ReferenceControl } from '../forms/reference-control.js';
import type { Issue } from '../forms/values.js';
import { issueOf, type TypedJob } from './hand-in.js';

/** Issues as the API names the request's fields; issueOf finds the control for each. */
export interface HandInFieldsProps {
  readonly typed: TypedJob;
  readonly onChange: (typed: TypedJob) => void;
  readonly issues: readonly Issue[];
}

/** A control of the form: which of its fields it holds, and what people are told of that. */
export interface HandInControlProps<Name extends keyof TypedJob = keyof TypedJob> extends HandInFieldsProps {
  readonly name: Name;
  readonly label: string;
  readonly help?: string;
  readonly isRequired?: boolean;
}

const inputProps = ({
  typed,
  onChange,
  issues,
  name,
  label,
  help,
  isRequired = false,
}: HandInControlProps) => ({
  label,
  description: help,
  required: isRequired,
  error: issueOf(issues, name),
  value: typed[name],
  onChange: ({ currentTarget }: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
    onChange({ ...typed, [name]: currentTarget.value }),
});

/** A line of text. */
export function TextField(props: HandInControlProps) {
  return <TextInput {...inputProps(props)} />;
}

/** A whole number from 1 on. */
export function NumberField(props: HandInControlProps) {
  return <TextInput {...inputProps(props)} type="number" min={1} />;
}

/** As many lines as one likes, as in a terminal. */
export function LinesField({ minRows = 2, ...props }: HandInControlProps & { readonly minRows?: number }) {
  return (
    <Textarea
      {...inputProps(props)}
      autosize
      minRows={minRows}
      maxRows={20}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
    />
  );
}

/** The name of a project or a backend that there is. */
export function ReferenceField(props: HandInControlProps<'project' | 'backend'>) {
  const { typed, onChange, issues, name, label, help, isRequired = false } = props;
  return (
    <ReferenceControl
      to={name}
      field={{ label, help, isRequired, path: [name], fallback: undefined }}
      value={typed[name]}
      onChange={(next) => onChange({ ...typed, [name]: typeof next === 'string' ? next : '' })}
      error={issueOf(issues, name)}
    />
  );
}
