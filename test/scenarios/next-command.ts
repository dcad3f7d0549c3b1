import type { Channel, GetMessage } from 'amqplib';
import { waitFor } from '#lab';

/** The next command that waits in a queue: its routing key with its payload's fields. */
export async function nextCommand(channel: Channel, queue: string): Promise<object> {
  const got: { value?: GetMessage } = {};
  await waitFor(
    async () => {
      const message = await channel.get(queue, { noAck: true });
      if (message !== false) got.value = message;
      return message !== false;
    },
    { what: `a command in ${queue}` },
  );
  return { key: got.value?.fields.routingKey, ...(JSON.parse(String(got.value?.content)) as object) };
}
