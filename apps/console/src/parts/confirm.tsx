import { Button, Group, Modal, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { ProblemAlert } from './problem-alert.js';

/** What the question says, and what a yes does. Its colour warns unless `isDangerous` is false. */
export interface ConfirmProps {
  readonly isOpen: boolean;
  readonly title: string;
  /** What will happen. */
  readonly children: ReactNode;
  readonly confirmLabel: string;
  /** Rejects with what the API says; it is shown, and the question stays. */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
  /** Whether it takes something away. */
  readonly isDangerous?: boolean;
}

/** Asks before something is done that is not easily undone. */
export function Confirm(props: ConfirmProps) {
  const { isOpen, title, children, confirmLabel, onConfirm, onClose, isDangerous = true } = props;
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const close = (): void => {
    setFailure(undefined);
    onClose();
  };
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      await onConfirm();
      close();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={isOpen} onClose={close} title={<Text fw={650}>{title}</Text>}>
      {failure !== undefined && <ProblemAlert error={failure} title="It was not done" />}
      <Text component="div">{children}</Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={close} data-autofocus>
          Cancel
        </Button>
        <Button color={isDangerous ? 'red' : undefined} loading={isBusy} onClick={() => void confirm()}>
          {confirmLabel}
        </Button>
      </Group>
    </Modal>
  );
}
