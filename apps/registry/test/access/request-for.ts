import { bodyOf, things } from './things.js';

/** A request that gets as far as the question who may, and changes nothing whatever the answer. */
export interface MatrixRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const nowhere = '00000000-0000-4000-8000-000000000000';
/** Not the version that it has: who may is told 412, and nothing changes. */
const otherVersion = { 'if-match': '"999"' };

const special: Readonly<
  Record<string, Omit<MatrixRequest, 'method' | 'path'> & { readonly query?: string }>
> = {
  'GET /api/v1/audit': { query: '?project=mine' },
  // Of a name that is taken its owners are told so.
  'POST /api/v1/projects': { body: { name: 'new', kind: 'repository', url: 'https://git.example.org/new' } },
  'POST /api/v1/apply': { query: '?dryRun=true', body: {} },
  'POST /api/v1/credentials/{name}/rotate': { body: { secret: 'another secret' }, headers: otherVersion },
  'DELETE /api/v1/credentials/{name}/secrets/{id}': { headers: otherVersion },
  'POST /api/v1/api-keys': { body: { name: 'made by the matrix', onlyProjects: ['mine'] } },
  'GET /api/v1/publications/why': {
    query: '?registry=registry.example.org&repository=atlas/app&cvmfsRepository=unpacked.example.org&tag=1',
  },
  'POST /api/v1/publications': {
    body: {
      registry: 'registry.example.org',
      repository: 'atlas/app',
      tag: '1',
      cvmfsRepository: 'unpacked.example.org',
    },
  },
  // On a backend that is not there: who may is told so, and nothing runs.
  'POST /api/v1/jobs': { body: { project: 'mine', backend: 'nowhere', script: 'true' } },
  'POST /api/v1/jobs/{id}/cancel': { body: {} },
  'POST /api/v1/groups/{id}/cancel': { body: {} },
  'GET /api/v1/attempts/{id}/outputs/file': { query: '?path=a' },
  'GET /api/v1/events': { query: '?types=image.published' },
};

/** The request for a route, as the OpenAPI document names it. */
export function requestFor(route: string, gitlab: string, key: string): MatrixRequest {
  const [method = '', template = ''] = route.split(' ');
  const plural = template.split('/')[3] ?? '';
  const thing = things[plural];
  const path = template
    .replace('{name}', thing?.named ?? 'nothing')
    .replace('{id}', template.includes('api-keys') ? '0000' : nowhere)
    .replace('{queue}', 'cvmfs-publisher.images')
    .replace('{file}', 'nothing.css');
  const { query = '', ...parts } = route === 'POST /auth/key' ? { body: { key } } : (special[route] ?? {});
  const isOfKind = thing !== undefined && special[route] === undefined;
  return {
    method,
    path: path + query,
    ...(isOfKind && (method === 'PUT' || method === 'POST') && { body: bodyOf(plural, gitlab) }),
    ...(isOfKind && (method === 'PUT' || method === 'DELETE') && { headers: otherVersion }),
    ...parts,
  };
}
