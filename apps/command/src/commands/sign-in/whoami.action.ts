import type { Me } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { details } from '../../output/details.js';

/** `slipway whoami`: what `GET /me` answers; it fails where the key is no longer accepted. */
export const whoami: Action = async (context) => {
  const registry = registryOf(context);
  const me = await registry.get<Me>('/me');
  await context.out.result({ url: registry.address.url, ...me }, () =>
    details(
      [
        ['registry', registry.address.url],
        ['name', me.name],
        ['subject', me.subject],
        ['role', me.role],
        ['groups', (me.groups ?? []).join(', ') || '-'],
        ['only in', me.onlyProjects?.join(', ') ?? 'all projects'],
        ['signed in by', `${me.via} (key from ${registry.address.tokenFrom})`],
      ],
      context.out.paint,
    ),
  );
};
