export {
  type DockerRegistryOptions,
  type DockerRegistryServer,
  type RegistryNotification,
  startDockerRegistry,
} from './docker-registry.js';
export { type DockerdOptions, type DockerdServer, startDockerd } from './dockerd.js';
export {
  databaseEnvironment,
  type DatabasePlace,
  directoryEnvironment,
  type Environment,
  newBootstrapKey,
  newKeyRing,
  partnersEnvironment,
  type ServicePartners,
} from './environment.js';
export { freePort, listenOnFreePort } from './ports.js';
export { type PostgresOptions, type PostgresServer, startPostgres } from './postgres.js';
export { type RabbitmqOptions, type RabbitmqServer, startRabbitmq } from './rabbitmq.js';
export { type EmbeddedServer, type ServerDefinition, startServer } from './server.js';
export { type EmbeddedServiceOptions, startService } from './service.js';
