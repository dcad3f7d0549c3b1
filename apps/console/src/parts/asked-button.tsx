import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Confirm, type ConfirmProps } from './confirm.js';

/** What the button says, and the question that it asks first. */
export interface AskedButtonProps extends Omit<ConfirmProps, 'isOpen' | 'onClose'> {
  readonly label: string;
  /** With what it is about, for those who hear it among others like it. */
  readonly name?: string;
  readonly icon?: ReactNode;
  /** Whether it stands in a row. */
  readonly isSmall?: boolean;
  /** Whether it is there; a question that is open already stays. */
  readonly isOffered?: boolean;
}

/** A button that does what it says after a question back. */
export function AskedButton(props: AskedButtonProps) {
  const { label, name, icon, isSmall = false, isOffered = true, ...question } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {isOffered && (
        <Button
          variant="default"
          size={isSmall ? 'compact-sm' : 'sm'}
          leftSection={icon}
          aria-label={name}
          onClick={() => setOpen(true)}
        >
          {label}
        </Button>
      )}
      <Confirm {...question} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  );
}
