import { z } from 'zod';
import { glob } from '../model/glob.js';
import { registryHost } from '../model/image.js';
import { resourceName } from '../model/names.js';
import { byteSize, parseBytes } from '../model/quantity.js';
import { secretReference } from '../model/secret-reference.js';
import { defineResource } from './define-resource.js';

/** What kind of sender a source is: decides how its deliveries are verified, read and answered. */
export const sourceKinds = [
  'docker-hub',
  'distribution',
  'gitlab',
  'harbor',
  'quay',
  'github',
  'standard-webhooks',
] as const;

/** A kind of sender; each has one file in the relay that verifies and reads its deliveries. */
export type SourceKind = (typeof sourceKinds)[number];

/** Kinds that speak for repositories of one known registry. */
const registryOf: Readonly<Partial<Record<SourceKind, string>>> = {
  'docker-hub': 'docker.io',
  quay: 'quay.io',
  github: 'ghcr.io',
};

/** The largest body that each kind is known to send, with room: GitLab sends 25 MB, a registry many events at once. */
const bodyLimitOf: Readonly<Partial<Record<SourceKind, string>>> = {
  gitlab: '25 MiB',
  github: '25 MiB',
  distribution: '4 MiB',
};

/** Kinds that tell of no image, so there is no repository to speak for that could be misused. */
const aboutNoImage: readonly SourceKind[] = ['gitlab', 'standard-webhooks'];

const rate = z
  .strictObject({
    perSecond: z
      .number()
      .positive()
      .max(1_000_000)
      .default(100)
      .describe('deliveries per second, in the long run'),
    burst: z.number().int().positive().max(1_000_000).default(500).describe('deliveries at once'),
  })
  .describe('how much the source may send to each copy of the relay; more is answered 429 with Retry-After');

const schema = z
  .strictObject({
    name: resourceName.describe('name in the URL of its deliveries: /hooks/<name>'),
    kind: z.enum(sourceKinds).describe('what sends: decides how a delivery is verified, read and answered'),
    registry: registryHost
      .optional()
      .describe(
        'host under which its images are pulled. Default: docker.io for docker-hub, quay.io for quay, ghcr.io for github; else the host that the delivery names',
      ),
    repositories: z
      .array(glob)
      .min(1, 'expected at least one pattern')
      .optional()
      .describe(
        'repositories that it may speak for; of gitlab, project paths. Required, except of gitlab and standard-webhooks, where everything is allowed unless told',
      ),
    secrets: z
      .array(secretReference)
      .min(1, 'expected at least one secret')
      .describe(
        'secrets that verify a delivery; any of them counts, so that they can be rotated without a gap',
      ),
    header: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'expected the name of a request header')
      .transform((name) => name.toLowerCase())
      .default('authorization')
      .describe(
        'request header that carries the secret, of a kind whose sender lets one choose: distribution, harbor',
      ),
    bodyLimit: byteSize
      .optional()
      .describe(
        'largest body; a larger one is answered 413. Default: 25 MiB for gitlab and github, 4 MiB for distribution, else 1 MiB',
      ),
    rate: rate.prefault({}),
  })
  .superRefine((value, context) => {
    if (value.repositories || aboutNoImage.includes(value.kind)) return;
    const message = 'is missing: name the repositories it may speak for, or ["**"] for all';
    context.addIssue({ code: 'custom', path: ['repositories'], message });
  })
  .transform((value) => ({
    ...value,
    registry: value.registry ?? registryOf[value.kind],
    repositories: value.repositories ?? ['**'],
    bodyLimit: value.bodyLimit ?? parseBytes(bodyLimitOf[value.kind] ?? '1 MiB') ?? 0,
  }))
  .describe('a sender of webhooks');

/** A source as the relay uses it: kind-dependent defaults are filled in, `bodyLimit` is in bytes. */
export type SourceSettings = z.output<typeof schema>;

/** Who may send webhooks. */
export const sourceResource = defineResource({
  kind: 'source',
  plural: 'sources',
  section: 'sources',
  title: 'webhook source',
  means: 'Who may send webhooks to the relay, and how a delivery is verified.',
  schema,
  nameOf: ({ name }) => name,
  references: ({ secrets }) =>
    secrets.flatMap((secret, index) =>
      'credential' in secret
        ? [{ kind: 'credential', name: secret.credential, path: ['secrets', index, 'credential'] }]
        : [],
    ),
});
