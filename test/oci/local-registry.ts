import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDockerRegistry, type DockerRegistryOptions } from '#embedded';

/** A registry as images and pushes name it: by host and port. */
export interface LocalRegistry {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  stop(): Promise<void>;
}

/** A real registry on a free port, with its store in a directory that goes with it. */
export async function startLocalRegistry(
  options: Omit<DockerRegistryOptions, 'directory'> = {},
): Promise<LocalRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  const registry = await startDockerRegistry({ ...options, directory });
  return {
    host: registry.host,
    stop: async () => {
      await registry.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
