import type { ApiKey, CreatedApiKey } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { confirm } from '../../confirm.js';
import { relative } from '../../output/words.js';

/** `slipway api-keys list`: what `GET /api-keys` knows of them, which is never the key itself. */
export const list: Action = async (context) => {
  const { out, now } = context;
  const items = await registryOf(context).all<ApiKey>('/api-keys');
  await out.result({ items }, async () => {
    if (items.length === 0) return 'no API key here';
    const { table } = await import('../../output/table.js');
    return table(
      items,
      [
        { title: 'name', value: ({ name }) => name, colour: () => 'bold', shrinks: true },
        { title: 'role', value: ({ role }) => role },
        { title: 'only in', value: ({ onlyProjects }) => onlyProjects?.join(', ') ?? '-', shrinks: true },
        { title: 'made', value: ({ createdAt }) => relative(createdAt, now()) },
        { title: 'ends', value: ({ expiresAt }) => relative(expiresAt, now()) },
        { title: 'last used', value: ({ lastUsedAt }) => relative(lastUsedAt, now()) },
        { title: 'id', value: ({ id }) => id },
      ],
      out,
    );
  });
};

/** `slipway api-keys create`: the key alone goes to standard output, what is said of it to standard error. */
export const create: Action = async (context, input) => {
  const { out } = context;
  const projects = input.texts('project');
  const body = {
    name: input.argument('name'),
    role: input.text('role'),
    expiresIn: input.text('expires'),
    ...(projects.length === 0 ? {} : { onlyProjects: projects }),
  };
  const { body: made } = await registryOf(context).request<CreatedApiKey>('POST', '/api-keys', { body });
  out.note(out.paint('dim', `made ${made.name} (${made.id}); the key is shown this once:`));
  await out.result(made, () => made.key);
};

/** `slipway api-keys revoke`: ends the key at once, after a question unless `--yes` is there. */
export const revoke: Action = async (context, input) => {
  const id = input.argument('id');
  await confirm(context, input, `End API key ${id} at once?`);
  await registryOf(context).request('DELETE', `/api-keys/${encodeURIComponent(id)}`);
  await context.out.result({ revoked: id }, () => `ended API key ${id}`);
};
