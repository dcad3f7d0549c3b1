import { BlobCache, DockerImageSource, RegistryImageSource, type Credentials, type ImageSource } from '#oci';
import type { Runtime } from '#service';
import { type RegistrySettings } from '#contracts';
import { resolveSecret, type SlipwayFile } from '#settings';
import { join } from 'node:path';
import { engineAddress } from './engine-address.js';
import type { PublisherConfig } from '../config.js';

const bytesPerGib = 1024 ** 3;

/** The image sources by the names that image rules use, over one cache of layers. */
export async function openImageSources(
  config: PublisherConfig,
  file: SlipwayFile,
  scrubber: Runtime['scrubber'],
): Promise<Readonly<Record<'registry' | 'docker', ImageSource>>> {
  const cache = await BlobCache.open({
    directory: join(config.cacheDirectory, 'layers'),
    limitBytes: config.cacheGib * bytesPerGib,
  });
  const registries = file.registries.map((registry) => {
    const credentials = credentialsOf(registry, scrubber);
    const { host, insecure, parallel: parallelLayers } = registry;
    return { host, insecure, parallelLayers, ...(credentials && { credentials }) };
  });
  return {
    registry: new RegistryImageSource({ cache, registries }),
    docker: new DockerImageSource({ cache, registries, engine: engineAddress(config.dockerHost) }),
  };
}

function credentialsOf(registry: RegistrySettings, scrubber: Runtime['scrubber']): Credentials | undefined {
  const secret = registry.password ?? registry.token;
  if (!secret) return undefined;
  const value = resolveSecret(secret);
  scrubber.learn(value);
  return registry.username === undefined
    ? { token: value }
    : { username: registry.username, password: value };
}
