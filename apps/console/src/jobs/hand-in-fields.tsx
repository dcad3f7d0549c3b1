import { Fieldset, SimpleGrid, Textarea, TextInput } from '@mantine/core';
import { ReferenceControl } from '../forms/reference-control.js';
import type { Issue } from '../forms/values.js';
import { issueOf, type TypedJob } from './hand-in.js';

/** Issues as the API names the request's fields; issueOf finds the control for each. */
export interface HandInFieldsProps {
  readonly typed: TypedJob;
  readonly onChange: (typed: TypedJob) => void;
  readonly issues: readonly Issue[];
}

interface Told {
  readonly label: string;
  readonly help?: string;
  readonly required?: boolean;
}

/** What is run, where, for what, and what it takes of a node. */
export function HandInFields({ typed, onChange, issues }: HandInFieldsProps) {
  const common = (name: keyof TypedJob, { label, help, required = false }: Told) => ({
    label,
    description: help,
    required,
    error: issueOf(issues, name),
    value: typed[name],
  });
  const set = (name: keyof TypedJob, text: string): void => onChange({ ...typed, [name]: text });
  const text = (name: keyof TypedJob, told: Told) => (
    <TextInput {...common(name, told)} onChange={(event) => set(name, event.currentTarget.value)} />
  );
  const number = (name: keyof TypedJob, told: Told) => (
    <TextInput
      {...common(name, told)}
      type="number"
      min={1}
      onChange={(event) => set(name, event.currentTarget.value)}
    />
  );
  const lines = (name: keyof TypedJob, told: Told, minRows = 2) => (
    <Textarea
      {...common(name, told)}
      autosize
      minRows={minRows}
      maxRows={20}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      onChange={(event) => set(name, event.currentTarget.value)}
    />
  );
  const named = (name: 'project' | 'backend', { label, help, required = false }: Told) => (
    <ReferenceControl
      to={name}
      field={{ label, help, isRequired: required, path: [name], fallback: undefined }}
      value={typed[name]}
      onChange={(next) => set(name, typeof next === 'string' ? next : '')}
      error={issueOf(issues, name)}
    />
  );
  return (
    <>
      {named('project', { label: 'Project', required: true })}
      {named('backend', { label: 'Backend', help: 'Empty: the one of the project' })}
      {text('name', { label: 'Name', help: 'What people call it; empty: the name of the project' })}
      {lines('script', { label: 'Script', help: 'What each job runs, by sh -e', required: true }, 6)}
      {lines('over', {
        label: 'One job for each',
        help: 'A line each, which is its $ITEM; empty: a single job',
      })}
      {number('runningAtOnce', {
        label: 'Running at once',
        help: 'At most so many of them; empty: no limit',
      })}
      {text('image', { label: 'Image', help: 'A path on CVMFS, or a reference; empty: the node as it is' })}
      {lines('environment', { label: 'Variables', help: 'NAME=value, a line each' })}
      <Fieldset legend="What each takes of a node">
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {number('cpus', { label: 'Cores', help: 'Empty: 1' })}
          {text('memory', { label: 'Memory', help: 'E.g. 4 GiB' })}
          {text('disk', { label: 'Disk', help: 'E.g. 20 GB' })}
          {text('wallTime', { label: 'Wall time', help: 'E.g. 2h; then it is ended' })}
        </SimpleGrid>
      </Fieldset>
      {lines('inputs', { label: 'Inputs', help: 'Where it lies, a space, its http address; a line each' })}
      {lines('outputs', {
        label: 'Outputs',
        help: 'Files to bring back, * and ? as in a shell; a line each',
      })}
    </>
  );
}
