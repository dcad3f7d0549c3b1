import type { Action } from '../../command-definition.js';
import { isProblem } from '../../clients/problem-error.js';
import { registryOf } from '../../clients/registry.client.js';
import { changesOf, changesText } from '../../output/changes.js';
import { withFields } from './fields.js';
import { kindOf, pathOf, readResource, type ResourceState } from './resource.js';

const mostTries = 5;

/** `slipway <kind> set NAME key=value…`: these fields alone, so that another's change of other fields is no conflict. */
export const set =
  (plural: string): Action =>
  async (context, input) => {
    const { out } = context;
    const registry = registryOf(context);
    const name = input.argument('name');
    for (let attempt = 1; ; attempt += 1) {
      const { state, etag } = await readResource(registry, plural, name);
      const spec = await withFields(state.spec, input.arguments('fields'));
      const fields = changesOf(state.spec, spec);
      if (fields.length === 0) {
        await out.result(state, () => 'nothing changes');
        return;
      }
      try {
        const { body } = await registry.request<ResourceState>('PUT', pathOf(plural, name), {
          body: spec,
          headers: { 'if-match': etag },
        });
        await out.result(
          body,
          () => `changed ${kindOf(plural).title} ${name}\n${changesText(fields, out.paint)}`,
        );
        return;
      } catch (error) {
        if (!isProblem(error, 412) || attempt === mostTries) throw error;
      }
    }
  };
