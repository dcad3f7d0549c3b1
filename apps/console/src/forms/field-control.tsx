import { JsonInput, NativeSelect, NumberInput, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ControlProps } from './control-props.js';
import type { Field } from './fields.js';
import { ReferenceControl } from './reference-control.js';
import { SecretControl, SecretsControl } from './secret-control.js';
import { shownValue } from './shown-value.js';

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
    case 'json':
      return <JsonControl {...props} />;
  }
  return undefined;
}

/** What holds where nothing is written, said in its place. */
const usual = ({ fallback }: ControlProps['field']): string | undefined =>
  fallback === undefined ? undefined : `default: ${shownValue(fallback)}`;

const shared = ({ field, error, isDisabled = false }: ControlProps) => ({
  label: field.label,
  description: field.help,
  required: field.isRequired,
  error,
  disabled: isDisabled,
  placeholder: usual(field),
  'data-path': field.path.join('.'),
});

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const orNone = (text: string): string | undefined => (text === '' ? undefined : text);

function TextControl(props: ControlProps & { readonly isLong: boolean }) {
  const { value, onChange, isLong } = props;
  const text = textOf(value);
  if (!isLong)
    return (
      <TextInput
        {...shared(props)}
        value={text}
        onChange={(event) => onChange(orNone(event.currentTarget.value))}
      />
    );
  return (
    <Textarea
      {...shared(props)}
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
      {...shared(props)}
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
      {...shared(props)}
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
      {...shared(props)}
      placeholder={value === undefined ? (usual(field) ?? 'type, then Enter') : undefined}
      value={Array.isArray(value) ? value.map(String) : []}
      onChange={(next) => onChange(next.length === 0 ? undefined : next)}
      clearButtonProps={{ 'aria-label': `Empty ${field.label}` }}
    />
  );
}

/** For what no other control fits: as JSON. */
function JsonControl({ field, value, onChange, error }: ControlProps) {
  return (
    <JsonInput
      label={field.label}
      description={field.help}
      error={error}
      defaultValue={value === undefined ? '' : JSON.stringify(value, null, 2)}
      validationError="This is no JSON"
      autosize
      onChange={(text) => {
        try {
          onChange(text.trim() === '' ? undefined : JSON.parse(text));
        } catch {
          // Half-typed; the control says so itself.
        }
      }}
    />
  );
}
