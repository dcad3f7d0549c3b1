import type { DeliveryTest } from '#api';
import { Alert, Button, Code, Modal, Text } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import { sendTest } from '../api/deliveries.js';
import { Loading } from '../parts/loading.js';
import { ProblemAlert } from '../parts/problem-alert.js';

/** Sends the receiver a test event, and shows what it says. */
export function DeliveryTestButton({ subscription }: { readonly subscription: string }) {
  const [isOpen, setOpen] = useState(false);
  const [answer, setAnswer] = useState<DeliveryTest>();
  const [failure, setFailure] = useState<unknown>();
  const send = async (): Promise<void> => {
    setOpen(true);
    setAnswer(undefined);
    setFailure(undefined);
    try {
      setAnswer(await sendTest(subscription));
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <>
      <Button leftSection={<IconSend size={16} />} onClick={() => void send()}>
        Send a test
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={<Text fw={650}>A test event to {subscription}</Text>}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {failure !== undefined && <ProblemAlert title="It was not sent" error={failure} />}
        {failure === undefined && !answer && <Loading what="the receiver's answer" />}
        {answer && <Said answer={answer} />}
      </Modal>
    </>
  );
}

function Said({
  answer: { isDelivered, status, reason, said, milliseconds },
}: {
  readonly answer: DeliveryTest;
}) {
  return (
    <Alert
      role="status"
      color={isDelivered ? 'green' : 'red'}
      title={isDelivered ? 'The receiver took it' : 'The receiver did not take it'}
      className="breakable"
    >
      <Text fz="sm">{reason ?? `It answered ${status} after ${milliseconds} ms.`}</Text>
      {said !== undefined && (
        <>
          <Text fz="sm" mt="xs">
            It said:
          </Text>
          <Code block className="prewrap">
            {said}
          </Code>
        </>
      )}
    </Alert>
  );
}
