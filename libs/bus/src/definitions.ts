import { topologyOf, type House } from './topology.js';

/** What `rabbitmqctl import_definitions` and the management plugin take, without users. */
export function brokerDefinitions(house: House, vhost = '/'): object {
  const topology = topologyOf(house);
  return {
    exchanges: topology.exchanges.map((exchange) => ({ vhost, ...exchange, ...kept, internal: false })),
    queues: topology.queues.map((queue) => ({ vhost, ...queue, ...kept })),
    bindings: topology.bindings.map(({ queue, exchange, key }) => ({
      vhost,
      source: exchange,
      destination: queue,
      destination_type: 'queue',
      routing_key: key,
      arguments: {},
    })),
  };
}

const kept = { durable: true, auto_delete: false };
