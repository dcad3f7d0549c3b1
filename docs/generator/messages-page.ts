import type { Message, Queue } from '#contracts';
import { payloadSchema } from './asyncapi.js';
import { cell, code, fieldTable } from './field-table.js';

/** docs/messages.md. */
export function messagesPage(messages: readonly Message[], queues: readonly Queue[]): string {
  return [
    '<!-- Made by `npm run docs` from libs/contracts; changes here are lost. -->',
    '# Messages',
    'What goes over the bus. Every message is a CloudEvent in AMQP 0-9-1 binary mode: its attributes are headers (`cloudEvents_id`, `cloudEvents_type`, …), its body is the payload alone. It comes at least once; who must not count it twice knows it by its id. Events go to the exchange `slipway.events`, commands to `slipway.commands`; the routing key is the name with its version. The same as an [AsyncAPI document](reference/asyncapi.json).',
    'A new optional field keeps the version: ignore fields that you do not know.',
    '| message | kind | said by | heard by | means |\n| --- | --- | --- | --- | --- |',
    ...messages.map((message) => overviewRow(message, queues)),
    ...messages.flatMap((message) => [
      `## ${message.routingKey}`,
      message.means,
      fieldTable(payloadSchema(message)),
    ]),
    '',
  ]
    .join('\n\n')
    .replace(/\|\n\n\|/g, '|\n|');
}

function overviewRow(message: Message, queues: readonly Queue[]): string {
  const readers = queues.filter(({ hears }) => hears.includes(message)).map(({ name }) => code(name));
  const link = `[${code(message.routingKey)}](#${message.routingKey.replaceAll('.', '')})`;
  const cells = [
    link,
    message.kind,
    message.saidBy.map(code).join(', ') || 'none of ours',
    readers.join(', '),
    cell(message.means),
  ];
  return `| ${cells.join(' | ')} |`;
}
