import type { Publication, PublicationWithHistory } from '#api';
import { permanent } from '#errors';
import type { RegistryClient } from '../../clients/registry.client.js';
import { isProblem } from '../../clients/problem-error.js';
import type { Colour } from '../../output/paint.js';
import { type ImageName, imageName, imageText } from './image-name.js';

/** `registry.example.org/atlas/analysis:v1`. */
export function publicationName({
  registry,
  repository,
  tags,
  digest,
}: Pick<Publication, 'registry' | 'repository' | 'tags' | 'digest'>): string {
  const suffix = tags.length > 0 ? `:${tags.join(',')}` : digest === undefined ? '' : `@${digest}`;
  return `${registry}/${repository}${suffix}`;
}

const colours: Readonly<Record<string, Colour>> = {
  published: 'green',
  failed: 'red',
  publishing: 'cyan',
  waiting: 'yellow',
  retrying: 'yellow',
};

/** The colour of a publication's state, and of `retrying`, which is shown in place of one. */
export const stateColour = (state: string): Colour | undefined => colours[state];

/** Whether nothing more happens to it by itself. */
export const isOver = ({ state }: { readonly state: string }): boolean =>
  ['published', 'failed', 'unpublished'].includes(state);

/** What the API asks for an image's name. */
export const imageQuery = ({ tag, digest, ...where }: Exclude<ImageName, { id: string }>) =>
  digest === undefined ? { ...where, tag } : { ...where, digest };

/** Those that an image's name means; none where nobody has heard of it. */
export async function publicationsOf(
  registry: RegistryClient,
  image: string,
  cvmfsRepository: string | undefined,
): Promise<readonly Publication[]> {
  const name = imageName(image);
  if ('id' in name) return [await readPublication(registry, name.id)];
  return registry.all<Publication>('/publications', { ...imageQuery(name), cvmfsRepository });
}

/** Throws `command.not_found`. */
export async function readPublication(registry: RegistryClient, id: string): Promise<PublicationWithHistory> {
  try {
    return await registry.get<PublicationWithHistory>(`/publications/${encodeURIComponent(id)}`);
  } catch (error) {
    throw isProblem(error, 404) ? permanent('command.not_found', `there is no publication ${id}`) : error;
  }
}

/** The one that is meant. Throws `command.not_found`, and `command.usage` where it is in several CVMFS repositories. */
export async function onePublication(
  registry: RegistryClient,
  image: string,
  cvmfsRepository: string | undefined,
): Promise<PublicationWithHistory> {
  const found = await publicationsOf(registry, image, cvmfsRepository);
  const [first] = found;
  if (first === undefined) {
    const name = imageName(image);
    const text = 'id' in name ? name.id : imageText(name);
    throw permanent(
      'command.not_found',
      `nothing is known of ${text}: slipway publications why ${text} tells more`,
    );
  }
  const places = [...new Set(found.map((each) => each.cvmfsRepository))];
  if (places.length > 1)
    throw permanent('command.usage', `it is in ${places.join(', ')}: say which by --cvmfs-repository`);
  return readPublication(registry, first.id);
}
