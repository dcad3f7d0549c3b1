/** What an event tells of whose it is. */
export type Belonging =
  | { readonly of: 'house' }
  | { readonly of: 'project'; readonly name: string }
  | { readonly of: 'resource'; readonly kind: string; readonly name: string; readonly version: number }
  | { readonly of: 'gitlab'; readonly project: GitlabProject }
  | { readonly of: 'image'; readonly image: NamedImage };

/** A project of a GitLab, as an event tells it. */
export interface GitlabProject {
  readonly id: number;
  readonly path: string | undefined;
  /** Of the GitLab, e.g. `https://gitlab.example.org`. */
  readonly origin: string;
}

/** An image, as an event tells it. */
export interface NamedImage {
  readonly registry: string;
  readonly repository: string;
  readonly tags: readonly string[];
  /** Undefined: wherever it may go. */
  readonly cvmfsRepository: string | undefined;
}

/** Reads it from the event's name and payload. What tells nothing of it is the house's. */
export function belongingOf(event: string, data: unknown): Belonging {
  if (!isRecord(data)) return house;
  const { name, version, project } = data;
  if (event === 'project.changed') return typeof name === 'string' ? { of: 'project', name } : house;
  if (event.endsWith('.changed') && typeof name === 'string' && typeof version === 'number')
    return { of: 'resource', kind: event.slice(0, -'.changed'.length), name, version };
  if (event.startsWith('image.')) return ofImage(data);
  if (typeof project === 'string') return { of: 'project', name: project };
  return event.startsWith('gitlab.') && isRecord(project) ? ofGitlab(data, project) : house;
}

/** Whether it is this project of the registry. Where number and path are known both must fit: paths move. */
export function isSameProject(
  { url, gitlabId, path }: { readonly url: string; readonly gitlabId?: unknown; readonly path?: unknown },
  said: GitlabProject,
): boolean {
  if (originOf(url) !== said.origin) return false;
  const known = typeof path === 'string' ? path.toLowerCase() : undefined;
  const samePath = known === undefined || said.path === undefined || known === said.path.toLowerCase();
  if (typeof gitlabId === 'number') return gitlabId === said.id && samePath;
  return known !== undefined && said.path !== undefined && samePath;
}

function ofImage({ registry, repository, tag, tags, cvmfsRepository }: Fields): Belonging {
  if (typeof registry !== 'string' || typeof repository !== 'string') return house;
  const named = Array.isArray(tags) ? tags : [tag];
  const image = {
    registry,
    repository,
    tags: named.filter((one) => typeof one === 'string'),
    cvmfsRepository: typeof cvmfsRepository === 'string' ? cvmfsRepository : undefined,
  };
  return { of: 'image', image };
}

/** Numbers and paths are of one GitLab: an event that does not say of which is nobody's but the house's. */
function ofGitlab({ instance }: Fields, { id, path, url }: Fields): Belonging {
  const origin = originOf(instance) ?? originOf(url);
  if (typeof id !== 'number' || origin === undefined) return house;
  return { of: 'gitlab', project: { id, path: typeof path === 'string' ? path : undefined, origin } };
}

type Fields = Readonly<Record<string, unknown>>;

const house: Belonging = { of: 'house' };

const originOf = (url: unknown): string | undefined =>
  typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : undefined;

const isRecord = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
