import type { ConsoleWorld } from './console-world.js';

/** Something of each kind, as a small site has it. */
export async function seed({ ask }: ConsoleWorld): Promise<void> {
  const make = (plural: string, body: unknown): Promise<unknown> => ask('POST', `/api/v1/${plural}`, body);
  await make('backends', { name: 'pool', kind: 'htcondor', schedd: 'schedd01.example.org', jobs: 5_000 });
  await make('backends', { name: 'here', kind: 'local', jobs: 8 });
  await make('cvmfs-repositories', { name: 'unpacked.example.org', gracePeriod: '14d' });
  for (const [name, description] of projects)
    await make('projects', {
      name,
      url: `https://gitlab.example.org/${name}/analysis`,
      path: `${name}/analysis`,
      description,
      backend: 'pool',
      owners: ['ada', 'grace'],
      limits: { jobs: 200 },
    });
  const soon = new Date(Date.now() + 6 * 86_400_000).toISOString();
  const secret = 'glrt-0123456789-3f9c';
  await make('credentials', {
    name: 'atlas-runner',
    type: 'gitlab-runner-token',
    project: 'atlas',
    secret,
    expiresAt: soon,
  });
  await make('credentials', {
    name: 'hub',
    type: 'registry-login',
    username: 'slipway',
    secret: 'hub-password-81ab',
  });
  await make('credentials', {
    name: 'hook',
    type: 'webhook-secret',
    secret: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  });
  await make('image-rules', {
    name: 'atlas-images',
    registry: 'registry.example.org',
    repository: 'atlas/**',
    cvmfsRepository: 'unpacked.example.org',
    project: 'atlas',
  });
  await make('image-rules', {
    name: 'debian',
    registry: 'docker.io',
    repository: 'library/debian',
    tags: ['12*', '13*'],
    cvmfsRepository: 'unpacked.example.org',
  });
  await make('sources', {
    name: 'hub',
    kind: 'docker-hub',
    repositories: ['library/*'],
    secrets: [{ credential: 'hook' }],
  });
  await make('container-registries', {
    host: 'docker.io',
    username: 'slipway',
    password: { credential: 'hub' },
  });
  await make('identity-mappings', {
    name: 'ada',
    gitlabUser: 'ada',
    credential: 'atlas-runner',
    backend: 'pool',
  });
  await make('gitlab-servers', { name: 'gitlab', url: 'https://gitlab.example.org' });
  await make('runners', { name: 'grid', gitlab: 'gitlab', credential: 'atlas-runner' });
  await make('subscriptions', {
    name: 'chat',
    events: ['image.published', 'image.publish_failed'],
    url: 'https://chat.example.org/hooks/slipway',
    credential: 'hook',
    project: 'atlas',
  });
}

const projects = [
  ['atlas', 'Analysis of the ATLAS group, with its images and grid jobs.'],
  ['cms', 'Simulation, nightly.'],
  ['lhcb', 'Calibration of the vertex detector.'],
] as const;
