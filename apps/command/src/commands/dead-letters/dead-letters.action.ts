import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { confirm } from '../../confirm.js';
import { usage } from '../../errors/usage.js';
import type { Input } from '../../input.js';
import { plain } from '../../output/paint.js';
import { counted, relative, shortDigest } from '../../output/words.js';

interface DeadLetter {
  readonly id: string;
  readonly queue?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly reason: string;
  readonly code?: string;
  readonly message?: string;
  readonly attempt?: number;
  readonly at?: string;
}

/** `slipway dead-letters list`: those of a queue, or of all queues where none is named. */
export const list: Action = async (context, input) => {
  const { out, now } = context;
  const query = { queue: input.optional('queue') };
  const items = await registryOf(context).all<DeadLetter>('/dead-letters', query, input.count('limit'));
  await out.result({ items }, async () => {
    if (items.length === 0) return 'no dead letters';
    const { table } = await import('../../output/table.js');
    return table(
      items,
      [
        { title: 'queue', value: ({ queue }) => queue ?? '-', colour: () => 'bold' },
        { title: 'when', value: ({ at }) => relative(at, now()) },
        {
          title: 'why',
          value: ({ reason, code }) => `${reason}${code ? ` ${code}` : ''}`,
          colour: () => 'red',
        },
        { title: 'id', value: ({ id }) => id },
        { title: 'subject', value: ({ subject }) => shortDigest(subject ?? '-'), shrinks: true },
        { title: 'words', value: ({ message }) => message ?? '-', shrinks: true },
      ],
      out,
    );
  });
};

/** `slipway dead-letters show`: one as YAML, made safe to show, for its payload came from outside. */
export const show: Action = async (context, input) => {
  const letter = await registryOf(context).get<DeadLetter>(
    pathTo(input.argument('queue'), input.argument('id')),
  );
  await context.out.result(letter, async () => {
    const { stringify } = await import('yaml');
    return plain(stringify(letter).trimEnd());
  });
};

/** `slipway dead-letters replay`: puts them back into their queue, one request for each. */
export const replay: Action = (context, input) =>
  each(context, input, 'replayed', async (registry, queue, id) => {
    await registry.request('POST', `${pathTo(queue, id)}/replay`);
  });

/** `slipway dead-letters drop`: deletes them for good, after a question unless `--yes` is there. */
export const drop: Action = async (context, input) => {
  const which = input.flag('all')
    ? 'every dead letter'
    : counted(input.arguments('ids').length, 'dead letter');
  await confirm(context, input, `Delete ${which} of ${input.argument('queue')} for good?`);
  await each(context, input, 'dropped', async (registry, queue, id) => {
    await registry.request('DELETE', pathTo(queue, id));
  });
};

const pathTo = (queue: string, id: string): string =>
  `/dead-letters/${encodeURIComponent(queue)}/${encodeURIComponent(id)}`;

async function each(
  context: Parameters<Action>[0],
  input: Input,
  done: string,
  act: (registry: ReturnType<typeof registryOf>, queue: string, id: string) => Promise<void>,
): Promise<void> {
  const registry = registryOf(context);
  const queue = input.argument('queue');
  const given = input.arguments('ids');
  if (input.flag('all') === given.length > 0) throw usage('say either ids or --all');
  const ids = input.flag('all')
    ? (await registry.all<DeadLetter>('/dead-letters', { queue })).map(({ id }) => id)
    : given;
  for (const id of ids) await act(registry, queue, id);
  await context.out.result(
    { [done]: ids.length, ids },
    () => `${done} ${counted(ids.length, 'dead letter')} of ${queue}`,
  );
}
