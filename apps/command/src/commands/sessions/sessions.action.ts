import type { BrowserSession } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { confirm } from '../../confirm.js';
import { relative } from '../../output/words.js';

/** `slipway sessions list`: the browsers of whoever asks; for admins those of everybody. */
export const list: Action = async (context) => {
  const { out, now } = context;
  const items = await registryOf(context).all<BrowserSession>('/sessions');
  await out.result({ items }, async () => {
    if (items.length === 0) return 'no browser is signed in';
    const { table } = await import('../../output/table.js');
    return table(
      items,
      [
        { title: 'whose', value: ({ name }) => name, colour: () => 'bold', shrinks: true },
        { title: 'signed in by', value: ({ way }) => way },
        { title: 'browser', value: ({ browser }) => browser, shrinks: true },
        { title: 'since', value: ({ createdAt }) => relative(createdAt, now()) },
        { title: 'last seen', value: ({ lastSeenAt }) => relative(lastSeenAt, now()) },
        { title: 'ends', value: ({ expiresAt }) => relative(expiresAt, now()) },
        { title: 'id', value: ({ id }) => id },
      ],
      out,
    );
  });
};

/** `slipway sessions revoke`: signs a browser out at once, after a question unless `--yes` is there. */
export const revoke: Action = async (context, input) => {
  const id = input.argument('id');
  await confirm(context, input, `End session ${id} at once?`);
  await registryOf(context).request('DELETE', `/sessions/${encodeURIComponent(id)}`);
  await context.out.result({ revoked: id }, () => `ended session ${id}`);
};
