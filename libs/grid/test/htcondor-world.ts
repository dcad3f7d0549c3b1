import type { Call } from '#grid';
import { type BackendWorld, backendWorld, type Condor } from '#lab';

/** A backend of its own house on an HTCondor. */
export interface HtcondorWorld extends BackendWorld {
  readonly condor: Condor;
}

/** `settings` are added to what reaches this HTCondor, and win; without `identity` jobs are the backend's own. */
export async function htcondorWorld(
  condor: Condor,
  house: string,
  settings: object = {},
  identity?: Call['identity'],
): Promise<HtcondorWorld> {
  const all = { kind: 'htcondor', tools: condor.bin, ...settings };
  return { condor, ...(await backendWorld(condor, { house, settings: all, identity })) };
}
