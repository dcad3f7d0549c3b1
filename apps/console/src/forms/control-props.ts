import type { ReactNode } from 'react';
import type { Field } from './fields.js';

/** What each control is given: the field, what is written there, what is said against it. */
export interface ControlProps {
  readonly field: Pick<Field, 'label' | 'help' | 'isRequired' | 'path' | 'fallback'>;
  readonly value: unknown;
  /** undefined takes the value out. */
  readonly onChange: (value: unknown) => void;
  readonly error: ReactNode;
  readonly isDisabled?: boolean;
}
