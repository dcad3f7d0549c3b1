import { BlobCache, DockerImageSource, RegistryImageSource, type Credentials, type ImageSource } from '#oci';
import type { RegistrySettings } from '#contracts';
import { toAppError } from '#errors';
import { join } from 'node:path';
import { engineAddress } from './engine-address.js';
import type { PublisherConfig } from '../config.js';
import type { Configured } from '../configured.js';

const bytesPerGib = 1024 ** 3;

/** The image sources by the names that image rules use. */
export type ImageSources = Readonly<Record<'registry' | 'docker', ImageSource>>;

interface SourceLog {
  error(fields: object, text: string): void;
}

/**
 * The image sources over one cache of layers. What changes about registries counts for the next image; one that is
 * being fetched is fetched as it was begun.
 *
 * Rejects with permanent `settings.secret_missing`; a secret that goes missing later is logged, and its registry asked
 * anonymously.
 */
export async function openImageSources(
  config: PublisherConfig,
  configured: Configured,
  log: SourceLog,
): Promise<ImageSources> {
  const cache = await BlobCache.open({
    directory: join(config.cacheDirectory, 'layers'),
    limitBytes: config.cacheGib * bytesPerGib,
  });
  let known = configured.registries.map((registry) => withCredentials(registry, configured));
  let sources = make(known);
  configured.onChange(() => {
    const now = configured.registries.map((registry) => orAnonymous(registry, configured, log));
    if (JSON.stringify(now) === JSON.stringify(known)) return;
    known = now;
    sources = make(known);
  });
  return { registry: latest(() => sources.registry), docker: latest(() => sources.docker) };

  function make(registries: readonly KnownRegistry[]): ImageSources {
    return {
      registry: new RegistryImageSource({ cache, registries }),
      docker: new DockerImageSource({ cache, registries, engine: engineAddress(config.dockerHost) }),
    };
  }
}

interface KnownRegistry {
  readonly host: string;
  readonly insecure: boolean;
  readonly parallelLayers: number;
  readonly credentials?: Credentials;
  readonly onLogin?: () => void;
}

const latest = (source: () => ImageSource): ImageSource => ({
  resolve: (...asked) => source().resolve(...asked),
  open: (...asked) => source().open(...asked),
});

function withCredentials(registry: RegistrySettings, configured: Configured): KnownRegistry {
  const { host, insecure, parallel: parallelLayers } = registry;
  return { host, insecure, parallelLayers, ...loginAt(registry, configured) };
}

function orAnonymous(registry: RegistrySettings, configured: Configured, log: SourceLog): KnownRegistry {
  try {
    return withCredentials(registry, configured);
  } catch (thrown) {
    const { code, message } = toAppError(thrown);
    log.error({ registry: registry.host, code, reason: message }, 'a registry is asked anonymously');
    const { host, insecure, parallel: parallelLayers } = registry;
    return { host, insecure, parallelLayers };
  }
}

function loginAt(
  { host, username, password, token }: RegistrySettings,
  { resolve, used }: Configured,
): Pick<KnownRegistry, 'credentials' | 'onLogin'> {
  const reference = password ?? token;
  if (!reference) return {};
  const secret = resolve(reference);
  const credentials = username === undefined ? { token: secret } : { username, password: secret };
  return { credentials, onLogin: () => used(reference, secret, `registry ${host}`) };
}
