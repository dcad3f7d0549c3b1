import type { ReactNode } from 'react';
import type { Field } from './fields.js';
import { shownValue } from './shown-value.js';

/** What each control is given: the field, what is written there, what is said against it. */
export interface ControlProps {
  readonly field: Pick<Field, 'label' | 'help' | 'isRequired' | 'path' | 'fallback'>;
  readonly value: unknown;
  /** undefined takes the value out. */
  readonly onChange: (value: unknown) => void;
  readonly error: ReactNode;
  readonly isDisabled?: boolean;
}

/** What holds where nothing is written, said in its place. */
export const usual = ({ fallback }: ControlProps['field']): string | undefined =>
  fallback === undefined ? undefined : `default: ${shownValue(fallback)}`;

/** What every input of Mantine's is told, whatever is typed into it. */
export const inputProps = ({ field, error, isDisabled = false }: ControlProps) => ({
  label: field.label,
  description: field.help,
  required: field.isRequired,
  error,
  disabled: isDisabled,
  placeholder: usual(field),
  'data-path': field.path.join('.'),
});
