import type { Delivery, DeliveryTest } from '#api';
import { permanent } from '#errors';
import type { Action } from '../../command-definition.js';
import { isProblem } from '../../clients/problem-error.js';
import { type RegistryClient, registryOf } from '../../clients/registry.client.js';
import { usage } from '../../errors/usage.js';
import type { Colour } from '../../output/paint.js';
import { counted, relative } from '../../output/words.js';
import { notFound, pathOf } from './resource.js';

/** `slipway subscriptions deliveries NAME`. */
export const deliveries: Action = async (context, input) => {
  const { out, now } = context;
  const name = input.argument('name');
  const query = { state: input.text('state') };
  const items = await found(registryOf(context), name, (registry) =>
    registry.all<Delivery>(`${pathOf(plural, name)}/deliveries`, query, input.count('limit')),
  );
  await out.result({ items }, async () => {
    if (items.length === 0) return `nothing of this kind was sent to ${name}`;
    const { table } = await import('../../output/table.js');
    return table(
      items,
      [
        { title: 'state', value: ({ state }) => state, colour: ({ state }) => colours[state] },
        { title: 'event', value: ({ event }) => event.name, colour: () => 'bold' },
        { title: 'said', value: ({ event }) => relative(event.time, now()) },
        { title: 'tries', value: ({ attempts }) => String(attempts) },
        { title: 'next', value: ({ nextAttemptAt }) => relative(nextAttemptAt, now()) },
        { title: 'id', value: ({ id }) => id },
        { title: 'last answer', value: answerOf, shrinks: true },
      ],
      out,
    );
  });
};

/** `slipway subscriptions replay NAME IDS…|--failed`. */
export const replay: Action = async (context, input) => {
  const registry = registryOf(context);
  const name = input.argument('name');
  const given = input.arguments('ids');
  if (input.flag('failed') === given.length > 0) throw usage('say either ids or --failed');
  const path = `${pathOf(plural, name)}/deliveries`;
  const failed = (): Promise<readonly Delivery[]> => registry.all<Delivery>(path, { state: 'failed' });
  const ids = input.flag('failed') ? (await found(registry, name, failed)).map(({ id }) => id) : given;
  for (const id of ids) await registry.request('POST', `${path}/${encodeURIComponent(id)}/replay`);
  await context.out.result(
    { replayed: ids.length, ids },
    () => `${counted(ids.length, 'event')} ${ids.length === 1 ? 'is' : 'are'} on the way to ${name} again`,
  );
};

/** `slipway subscriptions test NAME`. */
export const test: Action = async (context, input) => {
  const name = input.argument('name');
  const { body } = await found(registryOf(context), name, (registry) =>
    registry.request<DeliveryTest>('POST', `${pathOf(plural, name)}/test`),
  );
  const status = body.status === undefined ? '' : ` with ${body.status}`;
  await context.out.result(body, () =>
    body.isDelivered
      ? `${name} took the test event${status} after ${body.milliseconds} ms`
      : `${name} did not take the test event`,
  );
  if (body.isDelivered) return;
  const said = body.said === undefined ? '' : `; it said: ${body.said}`;
  throw permanent('command.test_failed', `${body.reason ?? `it answered${status}`}${said}`);
};

const plural = 'subscriptions';

const colours: Readonly<Record<Delivery['state'], Colour>> = {
  waiting: 'yellow',
  delivered: 'green',
  failed: 'red',
};

function answerOf({ lastAnswer }: Delivery): string {
  if (lastAnswer === undefined) return '-';
  const { status, reason, milliseconds } = lastAnswer;
  return [status, reason, `${milliseconds} ms`].filter((part) => part !== undefined).join(', ');
}

/** What is asked of a subscription; where there is none of the name, says which one was probably meant. */
async function found<T>(
  registry: RegistryClient,
  name: string,
  ask: (registry: RegistryClient) => Promise<T>,
): Promise<T> {
  try {
    return await ask(registry);
  } catch (error) {
    throw isProblem(error, 404) ? await notFound(registry, plural, name) : error;
  }
}
