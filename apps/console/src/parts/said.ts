import { notifications } from '@mantine/notifications';

/** Says that something was done; the notification is a live region itself. */
export function said(message: string): void {
  notifications.show({
    message,
    color: 'harbour',
    autoClose: 6_000,
    closeButtonProps: { 'aria-label': 'Close' },
  });
}
