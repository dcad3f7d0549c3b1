import type { BackendKind } from '../backend.js';
import { diracxKind } from './diracx/diracx.backend.js';
import { htcondor } from './htcondor/index.js';
import { localKind } from './local/local.backend.js';
import { slurmKind } from './slurm/slurm.backend.js';

/** Every kind of batch system that is built in. A new one is a folder here and a line in this list. */
export const backendKinds: readonly BackendKind[] = [localKind, htcondor, slurmKind, diracxKind];
