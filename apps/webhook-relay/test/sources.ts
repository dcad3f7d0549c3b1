/** The key of the sources whose senders sign (Standard Webhooks). */
export const signingKey = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** A second key that counts as well, as while one is being replaced. */
export const nextSigningKey = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** The environment that the sources' secrets are in. */
export const secrets = {
  OLD: 'the-old-secret-of-a-sender',
  NEW: 'the-new-secret-of-a-sender',
  LONG: 'a-long-secret-'.repeat(20),
  SIGNING: signingKey,
  NEXT_SIGNING: nextSigningKey,
} as const;

const both = [{ env: 'OLD' }, { env: 'NEW' }];
const signing = [{ env: 'SIGNING' }, { env: 'NEXT_SIGNING' }];
const all = ['**'];

/** A slipway.yml with one source of every kind, some of them narrowed to what a test is about. */
export const sources: readonly object[] = [
  { name: 'hub', kind: 'docker-hub', secrets: [...both, { env: 'LONG' }], repositories: all },
  { name: 'quay', kind: 'quay', secrets: both, repositories: all },
  { name: 'dist', kind: 'distribution', secrets: both, repositories: all, registry: 'registry.example.org' },
  { name: 'dist-any-host', kind: 'distribution', secrets: both, repositories: all },
  {
    name: 'dist-atlas',
    kind: 'distribution',
    secrets: both,
    repositories: ['atlas/**'],
    header: 'X-Hook-Secret',
  },
  { name: 'harbor', kind: 'harbor', secrets: both, repositories: all, registry: 'harbor.example.org' },
  { name: 'github', kind: 'github', secrets: both, repositories: all },
  { name: 'gitlab', kind: 'gitlab', secrets: [...both, ...signing] },
  { name: 'gitlab-signed', kind: 'gitlab', secrets: signing, repositories: ['mike/*'] },
  { name: 'generic', kind: 'standard-webhooks', secrets: signing },
  {
    name: 'small',
    kind: 'standard-webhooks',
    secrets: signing,
    bodyLimit: '1 KiB',
    rate: { perSecond: 0.2, burst: 2 },
  },
];
