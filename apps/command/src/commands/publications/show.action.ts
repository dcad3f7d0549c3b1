import type { PublicationWithHistory } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import type { Context } from '../../context.js';
import { details } from '../../output/details.js';
import { plain } from '../../output/paint.js';
import { relative, size } from '../../output/words.js';
import { onePublication, publicationName, stateColour } from './publication.js';

/** `slipway publications show IMAGE`. */
export const show: Action = async (context, input) => {
  const registry = registryOf(context);
  const publication = await onePublication(registry, input.argument('image'), input.text('cvmfsRepository'));
  await context.out.result(publication, () => publicationText(publication, context));
};

function publicationText(publication: PublicationWithHistory, { out, now }: Context): string {
  const { state, failure, result, history, steps, attempt } = publication;
  const seconds = Object.entries(result?.seconds ?? {}).map(
    ([name, value]) => `${name} ${value.toFixed(2)} s`,
  );
  const head: readonly (readonly [string, string | undefined])[] = [
    ['image', publicationName(publication)],
    ['digest', publication.digest],
    ['platform', publication.platform],
    ['CVMFS repository', publication.cvmfsRepository],
    ['state', `${state}, ${relative(publication.at, now())}`],
    ['why not yet', publication.whyNotYet],
    ['path', result?.path],
    ['content', result && `${result.files} files, ${size(result.bytes)}`],
    ['took', seconds.join(', ') || undefined],
    ['steps', steps.map(({ step }) => step).join(', ') || undefined],
    ['attempt', String(attempt)],
    ['failure', failure && `${failure.code}: ${failure.reason}`],
    ['tried again', publication.retryAt && relative(publication.retryAt, now())],
    ['tree goes', publication.removedAfter && relative(publication.removedAfter, now())],
    ['id', publication.id],
  ];
  const known = head.filter((field): field is readonly [string, string] => field[1] !== undefined);
  const text = details(known, out.paint);
  const colour = stateColour(state);
  const painted = colour === undefined ? text : text.replace(`${state},`, `${out.paint(colour, state)},`);
  const past = history.map(({ at, text: what }) => `  ${relative(at, now()).padEnd(12)} ${what}`);
  if (past.length === 0) return painted;
  return `${painted}\n\n${out.paint('dim', 'history')}\n${plain(past.join('\n'))}`;
}
