export { derivedName } from './derived-name.js';
export { type IsolatedSchema, isolatedSchema } from './isolated-schema.js';
export { type IsolatedVhost, isolatedVhost } from './isolated-vhost.js';
export { sharedServer } from './servers.js';
export { type SpawnedService, type SpawnOptions, spawnService } from './spawn-service.js';
export { waitFor, type WaitOptions } from './wait-for.js';
