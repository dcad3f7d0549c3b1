import type { RegistryClient } from '../../clients/registry.client.js';
import { isProblem } from '../../clients/problem-error.js';
import { permanent } from '#errors';
import { type Colour } from '../../output/paint.js';
import { imageName, imageText } from './image-name.js';

/** A publication as the registry tells of it. */
export interface Publication {
  readonly id: string;
  readonly cvmfsRepository: string;
  readonly registry: string;
  readonly repository: string;
  readonly tags: readonly string[];
  readonly digest?: string;
  readonly platform?: string;
  readonly state: string;
  readonly step?: string;
  readonly why?: string;
  readonly path?: string;
  readonly bytes?: number;
  readonly files?: number;
  readonly attempt?: number;
  readonly updatedAt: string;
  readonly progress?: Progress;
  readonly failure?: {
    readonly code: string;
    readonly reason: string;
    readonly willRetry?: boolean;
    readonly retryAt?: string;
  };
  readonly seconds?: Readonly<Record<string, number>>;
  readonly history?: readonly PastState[];
}

export interface Progress {
  readonly step?: string;
  readonly bytes?: number;
  readonly layers?: number;
  readonly bytesDone?: number;
  readonly filesDone?: number;
}

export interface PastState {
  readonly at: string;
  readonly name: string;
  readonly detail?: string;
}

/** `registry.example.org/atlas/analysis:v1`. */
export function publicationName({
  registry,
  repository,
  tags,
  digest,
}: Pick<Publication, 'registry' | 'repository' | 'tags' | 'digest'>): string {
  const [tag] = tags;
  const suffix = tag === undefined ? (digest === undefined ? '' : `@${digest}`) : `:${tags.join(',')}`;
  return `${registry}/${repository}${suffix}`;
}

const colours: Readonly<Record<string, Colour>> = {
  published: 'green',
  failed: 'red',
  publishing: 'cyan',
  waiting: 'yellow',
};

export const stateColour = (state: string): Colour | undefined => colours[state];

export const isOver = ({ state }: Pick<Publication, 'state'>): boolean =>
  ['published', 'failed', 'unpublished'].includes(state);

/** Those that an image's name means; none where it is on its way nowhere. */
export async function publicationsOf(
  registry: RegistryClient,
  image: string,
  cvmfsRepository: string | undefined,
): Promise<readonly Publication[]> {
  const name = imageName(image);
  if ('id' in name) return [await registry.get<Publication>(`/publications/${name.id}`)];
  const { tag, digest, ...where } = name;
  const found = await registry.all<Publication>('/publications', {
    ...where,
    cvmfsRepository,
    ...(digest === undefined ? { tag } : {}),
  });
  return digest === undefined ? found : found.filter((each) => each.digest === digest);
}

/** The one that is meant. Throws `command.not_found`, and `command.usage` where it is in several CVMFS repositories. */
export async function onePublication(
  registry: RegistryClient,
  image: string,
  cvmfsRepository: string | undefined,
): Promise<Publication> {
  const found = await publicationsOf(registry, image, cvmfsRepository).catch((error: unknown) => {
    throw isProblem(error, 404) ? permanent('command.not_found', `there is no publication ${image}`) : error;
  });
  const [first, second] = found;
  if (first === undefined) {
    const name = imageName(image);
    const text = 'id' in name ? name.id : imageText(name);
    throw permanent(
      'command.not_found',
      `nothing is known of ${text}: slipway publications why ${text} tells more`,
    );
  }
  if (second !== undefined && second.cvmfsRepository !== first.cvmfsRepository) {
    const names = found.map((each) => each.cvmfsRepository).join(', ');
    throw permanent('command.usage', `it is in ${names}: say which by --cvmfs-repository`);
  }
  return registry.get<Publication>(`/publications/${encodeURIComponent(first.id)}`);
}
