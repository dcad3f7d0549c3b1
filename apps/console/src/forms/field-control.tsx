import { NativeSelect, NumberInput, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { type ControlProps, inputProps, usual } from './control-props.js';
import type { Field } from './fields.js';
import { YamlControl } from './yaml-control.js';
import { ReferenceControl } from './reference-control.js';
import { SecretControl, SecretsControl } from './secret-control.js';

/** A field that holds a value; groups are opened and folded by FieldsBlock. */
export interface FieldControlProps extends Omit<ControlProps, 'field'> {
  readonly field: Exclude<Field, { control: 'group' }>;
}

/** The control that a field is filled in with. */
export function FieldControl(props: FieldControlProps): ReactNode {
  const { field } = props;
  switch (field.control) {
    case 'text':
    case 'quantity':
    case 'long-text':
      return <TextControl {...props} isLong={field.control === 'long-text'} />;
    case 'number':
      return <NumberControl {...props} isWhole={field.isWhole} />;
    case 'choice':
      return <ChoiceControl {...props} choices={field.choices} />;
    case 'switch':
      return <SwitchControl {...props} />;
    case 'texts':
      return <TextsControl {...props} />;
    case 'reference':
      return <ReferenceControl {...props} to={field.to} />;
    case 'secret':
      return <SecretControl {...props} />;
    case 'secrets':
      return <SecretsControl {...props} />;
    case 'yaml':
      return <YamlControl {...props} />;
  }
  return undefined;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const orNone = (text: string): string | undefined => (text === '' ? undefined : text);

function TextControl(props: ControlProps & { readonly isLong: boolean }) {
  const { value, onChange, isLong } = props;
  const text = textOf(value);
  if (!isLong)
    return (
      <TextInput
        {...inputProps(props)}
        value={text}
        onChange={(event) => onChange(orNone(event.currentTarget.value))}
      />
    );
  return (
    <Textarea
      {...inputProps(props)}
      value={text}
      autosize
      minRows={2}
      onChange={(event) => onChange(orNone(event.currentTarget.value))}
    />
  );
}

function NumberControl(props: ControlProps & { readonly isWhole: boolean }) {
  const { value, onChange, isWhole } = props;
  return (
    <NumberInput
      {...inputProps(props)}
      value={typeof value === 'number' ? value : ''}
      onChange={(next) => onChange(next === '' ? undefined : Number(next))}
      allowDecimal={!isWhole}
      thousandSeparator=" "
      hideControls
      inputMode="numeric"
    />
  );
}

function ChoiceControl(props: ControlProps & { readonly choices: readonly string[] }) {
  const { field, value, onChange, choices } = props;
  const none = usual(field) ?? (field.isRequired ? 'choose one' : 'none');
  return (
    <NativeSelect
      {...inputProps(props)}
      value={textOf(value)}
      onChange={(event) => onChange(orNone(event.currentTarget.value))}
      data={[{ value: '', label: none }, ...choices]}
    />
  );
}

function SwitchControl({ field, value, onChange, error, isDisabled = false }: ControlProps) {
  return (
    <Switch
      label={field.label}
      description={field.help}
      error={error}
      disabled={isDisabled}
      checked={(value ?? field.fallback) === true}
      onChange={({ currentTarget: { checked } }) =>
        onChange(checked === field.fallback ? undefined : checked)
      }
      data-path={field.path.join('.')}
    />
  );
}

function TextsControl(props: ControlProps) {
  const { field, value, onChange } = props;
  return (
    <TagsInput
      {...inputProps(props)}
      placeholder={value === undefined ? (usual(field) ?? 'type, then Enter') : undefined}
      value={Array.isArray(value) ? value.map(String) : []}
      onChange={(next) => onChange(next.length === 0 ? undefined : next)}
      clearButtonProps={{ 'aria-label': `Empty ${field.label}` }}
    />
  );
}
