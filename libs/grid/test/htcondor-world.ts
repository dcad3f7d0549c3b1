import type { Call } from '#grid';
import type { Condor } from '#lab';
import { type BackendWorld, backendWorld } from './backend-world.js';

/** A backend of its own house on an HTCondor. */
export interface HtcondorWorld extends BackendWorld {
  readonly condor: Condor;
}

export async function htcondorWorld(
  condor: Condor,
  house: string,
  settings: object = {},
  identity?: Call['identity'],
): Promise<HtcondorWorld> {
  const all = { kind: 'htcondor', tools: condor.bin, ...settings };
  return { condor, ...(await backendWorld(condor, { house, settings: all, identity })) };
}
