import { TextInput } from '@mantine/core';
import { type Issue, issueAt } from '../forms/values.js';
import { SecretInput } from './secret-input.js';

/** A new secret as it is typed in. */
export interface TypedSecret {
  readonly secret: string;
  /** A time without a zone, as the browser's control has it; empty: none. */
  readonly expiresAt: string;
}

/** Where every form begins: what is left like this is not sent. */
export const noSecret: TypedSecret = { secret: '', expiresAt: '' };

/** The words differ between a new credential and a rotation; the fields, and what the API calls them, do not. */
export interface SecretFieldsProps {
  readonly typed: TypedSecret;
  readonly onChange: (typed: TypedSecret) => void;
  readonly label: string;
  readonly description: string;
  readonly expiryHelp: string;
  readonly isRequired: boolean;
  readonly issues: readonly Issue[];
}

/** A new secret, and when it ends. */
export function SecretFields(props: SecretFieldsProps) {
  const { typed, onChange, label, description, expiryHelp, isRequired, issues } = props;
  return (
    <>
      <SecretInput
        label={label}
        description={description}
        isRequired={isRequired}
        value={typed.secret}
        onChange={(secret) => onChange({ ...typed, secret })}
        error={issueAt(issues, ['secret'])}
      />
      <TextInput
        type="datetime-local"
        label="Expires"
        description={expiryHelp}
        value={typed.expiresAt}
        onChange={(event) => onChange({ ...typed, expiresAt: event.currentTarget.value })}
        error={issueAt(issues, ['expiresAt'])}
      />
    </>
  );
}

/** What is sent of it: nothing that was left empty. */
export const besides = ({ secret, expiresAt }: TypedSecret): Readonly<Record<string, string>> => ({
  ...(secret !== '' && { secret }),
  ...(expiresAt !== '' && { expiresAt: new Date(expiresAt).toISOString() }),
});
