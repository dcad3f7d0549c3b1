import { connectBus } from '#bus';
import type { ResourceKind } from '#contracts';
import { permanent } from '#errors';
import { openKeyRing } from '#secrets';
import { flag, keyRingSetting, type Runtime, setting, slipwayFileSetting, type ValuesOf } from '#service';
import { z } from 'zod';
import { openRegistryCopy, type RegistryCopy } from './registry-copy.js';

/**
 * Where a service learns what is configured: from the registry, or from slipway.yml. Spread it into
 * `defineConfig({ … })`.
 */
export const copySettings = {
  slipwayFile: slipwayFileSetting,
  registry: setting({
    env: 'SLIPWAY_REGISTRY',
    schema: flag(),
    default: 'off',
    description:
      'Whether the registry says what is configured: on or off. When off, slipway.yml does; when on, it is not read.',
  }),
  stateDirectory: setting({
    env: 'SLIPWAY_STATE_DIRECTORY',
    schema: z.string().min(1),
    default: '/var/lib/slipway',
    description:
      'Where what the registry said is kept, secrets sealed, so that a restart needs nobody; with SLIPWAY_REGISTRY=on. The copies of a service on one machine may share it.',
  }),
  keyRing: setting({ ...keyRingSetting, schema: keyRingSetting.schema.optional() }),
} as const;

/** Injection token of the `RegistryCopy`; undefined where there is no registry. */
export const REGISTRY_COPY = Symbol('slipway:registry-copy');

/**
 * The service's copy of what the registry keeps; undefined where it is to do without a registry. The service is not
 * ready before it has one.
 *
 * Rejects with permanent `config.invalid` (no key ring), `secrets.bad_key_ring` and what `openRegistryCopy` throws.
 */
export async function openCopy(
  config: ValuesOf<typeof copySettings>,
  { name, logger, metrics, scrubber, readiness }: Runtime,
  kinds: readonly ResourceKind[],
): Promise<RegistryCopy | undefined> {
  if (!config.registry) return undefined;
  if (config.keyRing === undefined)
    throw permanent('config.invalid', `${keyRingSetting.env}: is not set, and SLIPWAY_REGISTRY is on`);
  const copy = await openRegistryCopy({
    service: name,
    kinds,
    directory: config.stateDirectory,
    ring: openKeyRing(config.keyRing),
    learn: (secret) => scrubber.learn(secret),
    logger,
    metrics,
  });
  readiness.add({ name: 'registry copy', check: () => refuseUnlessUsable(copy) });
  return copy;
}

/**
 * As `openCopy`, for a service that must not begin without: waits until the copy is usable, by a bus of its own, because
 * the service's is not there yet.
 */
export async function openUsableCopy(
  config: ValuesOf<typeof copySettings> & { readonly amqpUrl: readonly string[] },
  runtime: Runtime,
  kinds: readonly ResourceKind[],
): Promise<RegistryCopy | undefined> {
  const copy = await openCopy(config, runtime, kinds);
  if (copy && !copy.isUsable) await untilUsable(copy, config.amqpUrl, runtime);
  return copy;
}

async function untilUsable(
  copy: RegistryCopy,
  url: readonly string[],
  { name, logger, trace }: Runtime,
): Promise<void> {
  logger.info({}, 'waiting for what the registry says');
  const bus = connectBus({ url, service: name, logger, trace });
  try {
    await new Promise<void>((resolve) => {
      copy.onChange(() => copy.isUsable && resolve());
      copy.follow(bus);
    });
  } finally {
    await bus.close();
  }
}

function refuseUnlessUsable({ isUsable }: RegistryCopy): void {
  if (!isUsable) throw new Error('the registry has said nothing yet, and nothing was kept from before');
}
