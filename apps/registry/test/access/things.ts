/** A thing of each kind that the requests of the matrix are about, in the order in which they can be made. */
export const things: Readonly<
  Record<string, Readonly<Record<string, unknown>> & { readonly named: string }>
> = {
  projects: {
    named: 'mine',
    name: 'mine',
    url: 'https://unused.example/',
    gitlabId: 42,
    ownerGroups: ['atlas/owners'],
  },
  backends: { named: 'local', name: 'local', kind: 'local' },
  credentials: {
    named: 'my-hook',
    name: 'my-hook',
    type: 'webhook-secret',
    project: 'mine',
    secret: 'the secret of my hook',
  },
  sources: {
    named: 'gitlab',
    name: 'gitlab',
    kind: 'gitlab',
    secrets: [{ env: 'NAME' }],
  },
  'cvmfs-repositories': { named: 'unpacked.example.org', name: 'unpacked.example.org' },
  'container-registries': { named: 'registry.example.org', host: 'registry.example.org' },
  'image-rules': {
    named: 'my-rule',
    name: 'my-rule',
    registry: 'registry.example.org',
    repository: 'atlas/**',
    cvmfsRepository: 'unpacked.example.org',
    project: 'mine',
  },
  'identity-mappings': {
    named: 'ada',
    name: 'ada',
    gitlabUser: 'ada',
    credential: 'my-hook',
  },
  'gitlab-servers': { named: 'gitlab', name: 'gitlab', url: 'https://gitlab.example.org' },
  runners: {
    named: 'my-runner',
    name: 'my-runner',
    gitlab: 'gitlab',
    credential: 'my-hook',
    project: 'mine',
  },
  subscriptions: {
    named: 'my-subscription',
    name: 'my-subscription',
    events: ['image.published'],
    url: 'https://hooks.example.org/x',
    credential: 'my-hook',
    project: 'mine',
  },
};

/** What is posted to make it. */
export function bodyOf(plural: string, gitlab: string): object {
  const { named: _named, ...body } = things[plural] ?? { named: '' };
  return plural === 'projects' ? { ...body, url: `${gitlab}/atlas/mine` } : body;
}
