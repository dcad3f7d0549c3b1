import { permissionsOf, topicPermissionsOf, topologyOf, type House } from '#bus';
import { code } from './field-table.js';

/** docs/broker.md. */
export function brokerPage(house: House): string {
  const topology = topologyOf(house);
  const services = servicesOf(house);
  return [
    '<!-- Made by `npm run docs` from libs/contracts and libs/bus; changes here are lost. -->',
    '# On the broker',
    'What a service declares at its start, in the vhost that its address names. It does no harm to declare it again. An object that exists with other settings is left alone, and the service says which, in what it differs, and what to do. A user that may not declare has the existence checked instead; [the same as definitions](reference/rabbitmq-definitions.json) for `rabbitmqctl import_definitions` into a vhost, with the name of the vhost to be filled in.',
    'Every queue listed here is a durable quorum queue, every exchange is durable.',
    '## Exchanges',
    '| exchange | type | settings |\n| --- | --- | --- |',
    ...topology.exchanges.map(({ name, type, arguments: args }) => row([code(name), type, settings(args)])),
    '## Queues',
    '| queue | settings |\n| --- | --- |',
    ...topology.queues.map(({ name, arguments: args }) => row([code(name), settings(args)])),
    'A message that a handler could not take now is published to the exchange of a delay, with its queue as the routing key. When its time in the delay queue is over, it comes back into that queue, and no other, through `slipway.requeue`. One delay queue for each delay: in a shared one a long delay would hold up the short ones behind it.',
    ...listeners(house),
    '## Bindings',
    '| queue | exchange | routing key |\n| --- | --- | --- |',
    ...topology.bindings.map(({ queue, exchange, key }) =>
      row([code(queue), code(exchange), key && code(key)]),
    ),
    '## Permissions',
    'Give each service a user of its own that may say what it says and read what is its own, on a broker that was set up from the definitions:',
    '| service | configure | write | read |\n| --- | --- | --- | --- |',
    ...services.map((service) => {
      const { configure, write, read } = permissionsOf(service, house);
      return row([
        code(service),
        ...[configure, write, read].map((pattern) => code(pattern.replaceAll('|', '\\|'))),
      ]);
    }),
    'On the two topic exchanges it may say, and bind the queues of its copies to, what it says and hears; without these topic permissions whoever may say one event could say every event:',
    '| service | exchange | may say | may bind |\n| --- | --- | --- | --- |',
    ...services.flatMap((service) =>
      topicPermissionsOf(service, house).map(({ exchange, write, read }) =>
        row([
          code(service),
          code(exchange),
          ...[write, read].map((pattern) => code(pattern.replaceAll('|', '\\|'))),
        ]),
      ),
    ),
    'A service that shall declare by itself needs `.*` for all three. Whoever uses `bin/dead-letters` needs to read the queues with `.dead` and to write to `slipway.requeue`.',
    '',
  ]
    .join('\n\n')
    .replace(/\|\n\n\|/g, '|\n|');
}

const listeners = (house: House): readonly string[] => [
  'What every copy of a service must know, each copy hears by a queue of its own, `<service>.copy.<id>`: exclusive, gone with the connection, at most 10,000 messages and 64 MiB, of which the oldest go first. It is made when the copy connects, bound to `slipway.copies` by its name, for what is answered to this copy alone, and to `slipway.events`:',
  '| service | routing keys |\n| --- | --- |',
  ...house.listeners.map(({ service, keys }) => row([code(service), keys.map(code).join(', ')])),
];

const servicesOf = (house: House): readonly string[] =>
  [
    ...new Set([
      ...house.messages.flatMap((message) => message.saidBy),
      ...house.queues.map((queue) => queue.service),
      ...house.listeners.map((listener) => listener.service),
    ]),
  ].sort();

const settings = (args: Readonly<Record<string, string | number>>): string =>
  Object.entries(args)
    .map(([name, value]) => `${code(name)} ${value}`)
    .join(', ');

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
