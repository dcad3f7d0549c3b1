export { derivedName } from './derived-name.js';
export { type Condor, startCondor } from './grid/condor.js';
export { gridRootFileSystem, whyNoGrid } from './grid/root-file-system.js';
export { type OwnSlurm, type Slurm, type SlurmDaemon, startSlurm } from './grid/slurm.js';
export { type IsolatedSchema, isolatedSchema } from './isolated-schema.js';
export { type IsolatedVhost, isolatedVhost } from './isolated-vhost.js';
export { GRID_DEADLINE_MS, sharedCondor, sharedServer, sharedSlurm } from './servers.js';
export { type SpawnedService, type SpawnOptions, spawnService } from './spawn-service.js';
export { waitFor, type WaitOptions } from './wait-for.js';
