import { join } from 'node:path';
import {
  directoryEnvironment,
  type EmbeddedServer,
  type Environment,
  freePort,
  startService,
} from '#embedded';

/** What the relay and the publisher of the demo share. */
export interface PublishingServicesOptions {
  readonly directory: string;
  /** What all services are told: broker, database, key ring, where settings come from. */
  readonly common: Environment;
  /** The port that the relay listens on: docker-registry was told before. */
  readonly relayPort: number;
}

/** Starts what brings an image from docker-registry's notification to the tree. */
export function startPublishingServices(
  { directory, common, relayPort }: PublishingServicesOptions,
  keep: (service: EmbeddedServer) => EmbeddedServer,
): Promise<readonly EmbeddedServer[]> {
  const start = async (name: string, port: number): Promise<EmbeddedServer> => {
    const own = join(directory, name);
    const env = { ...common, ...directoryEnvironment(own), SLIPWAY_HTTP_PORT: String(port) };
    return keep(await startService({ name, directory: own, env }));
  };
  return Promise.all([
    start('webhook-relay', relayPort),
    freePort().then((port) => start('cvmfs-publisher', port)),
  ]);
}
