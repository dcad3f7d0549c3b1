import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { isProblem } from '../../clients/problem-error.js';
import { confirm } from '../../confirm.js';
import { notFound, pathOf, type ResourceState } from './resource.js';
import { expiresInput, secretInput } from './secret-input.js';

/** `slipway credentials rotate NAME`. */
export const rotate: Action = async (context, input) => {
  const registry = registryOf(context);
  const name = input.argument('name');
  const overlap = input.text('overlap');
  const expiresAt = expiresInput(input, context.now());
  const secret = await secretInput(context, input, false, true);
  const body = {
    secret,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(overlap === undefined ? {} : { overlap }),
  };
  const state = await registry
    .request<ResourceState>('POST', `${pathOf('credentials', name)}/rotate`, { body })
    .then((answer) => answer.body)
    .catch(async (error: unknown) => {
      throw isProblem(error, 404) ? await notFound(registry, 'credentials', name) : error;
    });
  const beside = overlap === undefined ? '' : `; the old secret counts for another ${overlap}`;
  await context.out.result(state, () => `rotated credential ${name}${beside}`);
};

/** `slipway credentials end-secret NAME ID`. */
export const endSecret: Action = async (context, input) => {
  const [name, id] = [input.argument('name'), input.argument('id')];
  await confirm(context, input, `End secret ${id} of ${name} at once?`);
  await registryOf(context).request(
    'DELETE',
    `${pathOf('credentials', name)}/secrets/${encodeURIComponent(id)}`,
  );
  await context.out.result({ ended: id }, () => `ended secret ${id} of ${name}`);
};
