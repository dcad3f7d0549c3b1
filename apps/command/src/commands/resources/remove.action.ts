import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { confirm } from '../../confirm.js';
import { kindOf, pathOf, readResource } from './resource.js';

/** `slipway <kind> remove NAME`. */
export const remove =
  (plural: string): Action =>
  async (context, input) => {
    const registry = registryOf(context);
    const name = input.argument('name');
    const { title } = kindOf(plural);
    const { etag } = await readResource(registry, plural, name);
    await confirm(context, input, `Remove ${title} ${name}?`);
    await registry.request('DELETE', pathOf(plural, name), { headers: { 'if-match': etag } });
    await context.out.result({ removed: name }, () => `removed ${title} ${name}`);
  };
