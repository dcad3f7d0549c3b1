import { AppError, connectionWords, permanent, temporary } from '#errors';
import type { Channel, ChannelModel } from 'amqplib';
import type { Topology } from './topology.js';

/** Declared by us, or found there because this user may not declare (its broker is set up from definitions). */
export type Declared = 'declared' | 'found';

/**
 * Makes sure that everything of the topology exists; what exists already and is the same stays as it is.
 *
 * A user who may not declare has the existence checked instead. Throws permanent `bus.topology_differs` where the
 * broker has an object of the name with other settings, permanent `bus.topology_missing` where it lacks one that this
 * user may not declare, temporary `bus.unavailable` for everything else.
 */
export async function declareTopology(model: ChannelModel, topology: Topology): Promise<Declared> {
  try {
    await onChannel(model, (channel) => declareAll(channel, topology));
    return 'declared';
  } catch (error) {
    if (codeOf(error) === 403) return check(model, topology);
    throw explained(error);
  }
}

async function declareAll(channel: Channel, topology: Topology): Promise<void> {
  for (const { name, type, arguments: args } of topology.exchanges) {
    await channel.assertExchange(name, type, { durable: true, arguments: args });
  }
  for (const { name, arguments: args } of topology.queues) {
    await channel.assertQueue(name, { durable: true, arguments: args });
  }
  for (const { queue, exchange, key } of topology.bindings) await channel.bindQueue(queue, exchange, key);
}

async function check(model: ChannelModel, topology: Topology): Promise<Declared> {
  const present = async (what: string, name: string, ask: (channel: Channel) => Promise<unknown>) => {
    try {
      await onChannel(model, ask);
    } catch (error) {
      if (codeOf(error) !== 404) throw explained(error);
      throw permanent(
        'bus.topology_missing',
        `the broker has no ${what} "${name}" and this user may not declare it. Load the definitions of this version into the broker, or start once as a user who may configure.`,
        { subject: name, cause: error },
      );
    }
  };
  for (const { name } of topology.exchanges) await present('exchange', name, (c) => c.checkExchange(name));
  for (const { name } of topology.queues) await present('queue', name, (c) => c.checkQueue(name));
  return 'found';
}

/** Runs `work` on a channel of its own: the broker closes a channel at its first error. */
async function onChannel<T>(model: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await model.createChannel();
  // Without a listener the error event would end the process; the call that failed rejects with the same error.
  let open = true;
  channel.on('error', () => {});
  channel.on('close', () => (open = false));
  try {
    return await work(channel);
  } finally {
    if (open) await channel.close().catch(() => {});
  }
}

/** The AMQP reply code of an error of amqplib's, e.g. 404; undefined for others. */
export function codeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}

const inequivalent =
  /inequivalent arg '([^']+)' for (exchange|queue) '([^']+)' in vhost '([^']+)': received (.+) but current is (.+?)"?$/;

/** An error of amqplib's as an AppError that says what to do. */
export function explained(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const differs = inequivalent.exec(message);
  if (differs) {
    const [, argument = '', kind = '', name = '', vhost = '', wanted = '', current = ''] = differs;
    const remedy =
      kind === 'queue'
        ? 'Drain it, delete it (rabbitmqctl delete_queue), and start again: it is declared anew.'
        : 'Delete it and start again: it is declared anew.';
    return permanent(
      'bus.topology_differs',
      `${kind} "${name}" in vhost "${vhost}" differs from what this version declares: its ${argument} is ${bare(current)}, wanted is ${bare(wanted)}. ${remedy}`,
      { subject: name, cause: error },
    );
  }
  return temporary('bus.unavailable', `the broker cannot be used: ${connectionWords(error)}`, {
    cause: error,
  });
}

/** RabbitMQ writes `the value '5' of type 'signedint'`, `'topic'` or `none`. */
const bare = (value: string): string => value.replace(/^the value /, '').replace(/ of type '[^']*'$/, '');
