/** Something to find: without it most answers would be that there is none. */
const file = {
  backends: [{ name: 'grid', kind: 'htcondor' }],
  projects: [{ name: 'atlas', kind: 'repository', url: 'https://example.org/atlas', backend: 'grid' }],
  credentials: [{ name: 'hub', type: 'webhook-secret', secret: 'not a secret of anybody', project: 'atlas' }],
  sources: [{ name: 'hub', kind: 'docker-hub', repositories: ['**'], secrets: [{ credential: 'hub' }] }],
  cvmfsRepositories: [{ name: 'unpacked.example.org' }],
  registries: [{ host: 'registry.example.org' }],
  imageRules: [
    { name: 'all', registry: 'docker.io', repository: '**', cvmfsRepository: 'unpacked.example.org' },
  ],
  identityMappings: [{ name: 'ada', gitlabUser: 'ada', credential: 'hub' }],
  gitlabServers: [{ name: 'gitlab', url: 'https://gitlab.example.org' }],
  runners: [{ name: 'grid', gitlab: 'gitlab', credential: 'hub', isPaused: true }],
  subscriptions: [
    { name: 'site', events: ['image.*'], url: 'https://example.org/hook', credential: 'hub', isPaused: true },
  ],
};

/** Makes an admin's API key, and fills the registry. @returns the key */
export async function fill(url: string, bootstrapKey: string): Promise<string> {
  const made = await post(`${url}/api/v1/api-keys`, bootstrapKey, { name: 'fuzzer', role: 'admin' });
  const key = String((made as { key: unknown }).key);
  await post(`${url}/api/v1/apply`, key, file);
  return key;
}

async function post(url: string, key: string, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} from ${url}: ${text}`);
  return JSON.parse(text) as unknown;
}
