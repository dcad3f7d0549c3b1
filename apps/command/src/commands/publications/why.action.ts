import type { Publication, WhyAnswer } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { plain } from '../../output/paint.js';
import { relative } from '../../output/words.js';
import { imageName } from './image-name.js';
import { imageQuery, publicationName, readPublication } from './publication.js';

/** `slipway publications why IMAGE`: a sentence per CVMFS repository, or why nobody has heard of it. */
export const why: Action = async (context, input) => {
  const registry = registryOf(context);
  const name = imageName(input.argument('image'));
  if ('id' in name) {
    const publication = await readPublication(registry, name.id);
    await context.out.result(publication, () => sentenceFor(publication, context.now()));
    return;
  }
  const query = { ...imageQuery(name), cvmfsRepository: input.text('cvmfsRepository') };
  const answer = await registry.get<WhyAnswer>('/publications/why', query);
  await context.out.result(answer, () =>
    answer.publications.length > 0
      ? answer.publications.map((each) => sentenceFor(each, context.now())).join('\n')
      : plain(answer.text),
  );
};

/** Where it is, or the registry's own words on what it waits for. */
export function sentenceFor(publication: Publication, now: Date): string {
  const name = `${publicationName(publication)} in ${publication.cvmfsRepository}`;
  const { state, whyNotYet, result, at } = publication;
  if (state === 'published')
    return plain(`${name} is there since ${relative(at, now)}: ${result?.path ?? 'published'}`);
  return plain(`${name}: ${whyNotYet ?? `${state} since ${relative(at, now)}.`}`);
}
