import type { Publication } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { relative, size } from '../../output/words.js';
import { publicationName, stateColour } from './publication.js';

/** `slipway publications list`. */
export const list: Action = async (context, input) => {
  const { out, now } = context;
  const query = {
    state: input.text('state'),
    cvmfsRepository: input.text('cvmfsRepository'),
    registry: input.text('registry'),
    repository: input.text('repository'),
    tag: input.text('tag'),
    q: input.text('query'),
  };
  const items = await registryOf(context).all<Publication>('/publications', query, input.count('limit'));
  await out.result({ items }, async () => {
    if (items.length === 0) return 'no publication here';
    const { table } = await import('../../output/table.js');
    return table(
      items,
      [
        { title: 'state', value: stateText, colour: ({ state }) => stateColour(state) },
        { title: 'image', value: publicationName, shrinks: true },
        { title: 'CVMFS repository', value: ({ cvmfsRepository }) => cvmfsRepository, shrinks: true },
        { title: 'size', value: ({ result }) => size(result?.bytes) },
        { title: 'changed', value: ({ at }) => relative(at, now()) },
        { title: 'why not yet', value: ({ whyNotYet }) => whyNotYet ?? '', shrinks: true },
      ],
      out,
    );
  });
};

const stateText = ({ state, steps }: Publication): string => {
  const step = steps.at(-1)?.step;
  return state === 'publishing' && step !== undefined ? `${state}: ${step}` : state;
};
