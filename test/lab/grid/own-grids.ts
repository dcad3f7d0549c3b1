import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CondorOptions, type OwnCondor, startCondor } from './condor.js';
import { type OwnSlurm, type SlurmOptions, startSlurm } from './slurm.js';

/** An HTCondor and a Slurm of a test's own, set up as no other test wants them. */
export interface OwnGrids {
  /** Goes with them. */
  readonly directory: string;
  readonly condor: OwnCondor;
  readonly slurm: OwnSlurm;
  close(): Promise<void>;
}

/** `name`: of the directory, for people. */
export async function ownGrids(
  name: string,
  options: {
    readonly condor: Omit<CondorOptions, 'directory'>;
    readonly slurm: Omit<SlurmOptions, 'directory'>;
  },
): Promise<OwnGrids> {
  const directory = await mkdtemp(join(tmpdir(), `slipway-${name}-`));
  const started: { kill(): Promise<unknown> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.allSettled(started.map((one) => one.kill()));
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const condor = await startCondor({ ...options.condor, directory: join(directory, 'condor') });
    started.push(condor);
    const slurm = await startSlurm({ ...options.slurm, directory: join(directory, 'slurm') });
    started.push(slurm);
    return { directory, condor, slurm, close };
  } catch (error) {
    await close();
    throw error;
  }
}
