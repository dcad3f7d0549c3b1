import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { changesOf, changesText } from '../../output/changes.js';
import { relative } from '../../output/words.js';
import { isProblem } from '../../clients/problem-error.js';
import { notFound, pathOf, type PastState } from './resource.js';

/** `slipway <kind> history NAME`. */
export const history =
  (plural: string): Action =>
  async (context, input) => {
    const { out, now } = context;
    const registry = registryOf(context);
    const name = input.argument('name');
    const items = await registry
      .all<PastState>(`${pathOf(plural, name)}/history`)
      .catch(async (error: unknown) => {
        throw isProblem(error, 404) ? await notFound(registry, plural, name) : error;
      });
    await out.result({ items }, () =>
      [...items]
        .sort((a, b) => b.revision - a.revision)
        .map((state, index, all) => {
          const before = all[index + 1];
          const head = `${out.paint('bold', `version ${state.version}`)}  ${relative(state.at, now())} by ${state.by}`;
          if (state.gone) return `${head}  ${out.paint('red', 'removed')}`;
          if (before === undefined || before.gone) return `${head}  made`;
          return `${head}\n${changesText(changesOf(before.spec, state.spec), out.paint)}`.trimEnd();
        })
        .join('\n'),
    );
  };
