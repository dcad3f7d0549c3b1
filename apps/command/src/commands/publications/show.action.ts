import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { details } from '../../output/details.js';
import type { Context } from '../../context.js';
import { plain } from '../../output/paint.js';
import { relative, size } from '../../output/words.js';
import { onePublication, publicationName, type Publication, stateColour } from './publication.js';

/** `slipway publications show IMAGE`. */
export const show: Action = async (context, input) => {
  const registry = registryOf(context);
  const publication = await onePublication(registry, input.argument('image'), input.text('cvmfsRepository'));
  await context.out.result(publication, () => publicationText(publication, context));
};

function publicationText(publication: Publication, { out, now }: Context): string {
  const { state, step, why, failure, seconds = {}, history = [] } = publication;
  const colour = stateColour(state);
  const head: (readonly [string, string | undefined])[] = [
    ['image', publicationName(publication)],
    ['digest', publication.digest],
    ['platform', publication.platform],
    ['cvmfs repository', publication.cvmfsRepository],
    ['state', `${state}${step === undefined ? '' : `: ${step}`}, ${relative(publication.updatedAt, now())}`],
    ['why', why],
    ['path', publication.path],
    [
      'content',
      publication.files === undefined ? undefined : `${publication.files} files, ${size(publication.bytes)}`,
    ],
    ['attempt', publication.attempt === undefined ? undefined : String(publication.attempt)],
    ['failure', failure === undefined ? undefined : `${failure.code}: ${failure.reason}`],
    ['tried again', failure?.retryAt === undefined ? undefined : relative(failure.retryAt, now())],
    [
      'steps',
      Object.entries(seconds)
        .map(([name, value]) => `${name} ${value.toFixed(2)} s`)
        .join(', ') || undefined,
    ],
    ['id', publication.id],
  ];
  const known = head.filter((field): field is readonly [string, string] => field[1] !== undefined);
  const past = history.map(
    ({ at, name, detail }) => `  ${relative(at, now()).padEnd(12)} ${name}${detail ? `  ${detail}` : ''}`,
  );
  const text = details(known, out.paint);
  const painted = colour === undefined ? text : text.replace(state, out.paint(colour, state));
  return past.length === 0
    ? painted
    : `${painted}\n\n${out.paint('dim', 'history')}\n${plain(past.join('\n'))}`;
}
