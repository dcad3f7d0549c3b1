import { labConfig } from './config.js';
import { type Condor, type CondorAddress, reachCondor } from './grid/condor.js';
import { type Diracx } from './grid/diracx.js';
import { reachSlurm, type Slurm, type SlurmAddress } from './grid/slurm.js';
import { type ServerAddress } from './lab.js';

const deadlineMs = 120_000;
/** A batch system's root file system may have to be made first. */
export const gridDeadlineMs = 900_000;

/** The run's RabbitMQ or PostgreSQL, started now if no test file needed it before. Throws what its start threw. */
export async function sharedServer(name: 'rabbitmq' | 'postgres'): Promise<ServerAddress> {
  return ask<ServerAddress>(name, deadlineMs);
}

/**
 * The run's HTCondor, which all test files share: look for your own jobs only, and do not stop it. Give `beforeAll`
 * gridDeadlineMs. Throws what its start threw; ask `whyNoGrid` first.
 */
export async function sharedCondor(): Promise<Condor> {
  return reachCondor(await ask<CondorAddress>('condor', gridDeadlineMs));
}

/** The run's Slurm; as sharedCondor. Who wants to stop its daemons starts one of his own. */
export async function sharedSlurm(): Promise<Slurm> {
  return reachSlurm(await ask<SlurmAddress>('slurm', gridDeadlineMs));
}

/** The run's DiracX server; as sharedCondor. Ask `whyNoDiracx` first. */
export async function sharedDiracx(): Promise<Diracx> {
  return ask<Diracx>('diracx', gridDeadlineMs);
}

async function ask<Address>(name: string, deadlineMs: number): Promise<Address> {
  const { labUrl } = labConfig();
  if (labUrl === undefined) throw new Error('no lab: run this through jest, whose global set-up opens one');
  const response = await answerOf(new URL(name, labUrl), AbortSignal.timeout(deadlineMs));
  const body = (await response.json()) as Address & { readonly message?: string };
  if (response.status !== 200) throw new Error(`the run's ${name} did not start: ${body.message ?? ''}`);
  return body;
}

/** Asks as long as it takes: Node's fetch gives up after five minutes, in which not all is made for the first time. */
async function answerOf(url: URL, signal: AbortSignal): Promise<Response> {
  for (;;) {
    try {
      // A connection that was kept from the last question may be closed at this very moment.
      return await fetch(url, { signal, headers: { connection: 'close' } });
    } catch (error) {
      const { cause } = error as { readonly cause?: { readonly code?: unknown } };
      if (cause?.code !== 'UND_ERR_HEADERS_TIMEOUT') throw error;
    }
  }
}
