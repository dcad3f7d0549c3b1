import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { relative, size } from '../../output/words.js';
import { publicationName, type Publication, stateColour } from './publication.js';

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
        { title: 'cvmfs repository', value: ({ cvmfsRepository }) => cvmfsRepository, shrinks: true },
        { title: 'size', value: ({ bytes }) => size(bytes) },
        { title: 'changed', value: ({ updatedAt }) => relative(updatedAt, now()) },
        { title: 'why', value: ({ why }) => why ?? '', shrinks: true },
      ],
      out,
    );
  });
};

const stateText = ({ state, step }: Publication): string =>
  state === 'publishing' && step !== undefined ? `${state}: ${step}` : state;
