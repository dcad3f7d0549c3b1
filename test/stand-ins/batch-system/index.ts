import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Behaviour, type SimulatedJob, simulatedJob } from './simulated-job.js';

export type { Behaviour, SimulatedJob };

/** How often it was asked for what, since it began. */
export interface Counts {
  readonly submissions: number;
  readonly polls: number;
  /** How often it was asked to end jobs. */
  readonly cancellations: number;
  /** That it knows. */
  readonly jobs: number;
}

/** A simulated batch system that runs, for tests of what stands before one. */
export interface SimulatedGrid {
  readonly url: string;
  /** For `SLIPWAY_PLUGINS`; a backend of it is `{kind: 'plugin', plugin: 'simulated', options: {url}}`. */
  readonly plugin: string;
  jobs(): Promise<readonly SimulatedJob[]>;
  counts(): Promise<Counts>;
  /** Makes jobs be something else, unless they are over. */
  change(batchIds: readonly string[], job: Partial<SimulatedJob>): Promise<void>;
  behave(how: Partial<Behaviour>): Promise<void>;
  stop(): Promise<void>;
}

const here = join(process.cwd(), 'dist/test/stand-ins/batch-system');

/** In a process of its own, which crashes and restarts of a service outlive; it ends with this one. */
export async function startSimulatedGrid(): Promise<SimulatedGrid> {
  const child = spawn(process.execPath, [join(here, 'server.main.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  const url = `http://127.0.0.1:${port}`;
  const post = async (path: string, body: object = {}): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  const counts = z.object({ submissions: z.int(), polls: z.int(), cancellations: z.int(), jobs: z.int() });
  return {
    url,
    plugin: join(here, 'plugin.js'),
    jobs: async () => z.array(simulatedJob).parse(await post('/poll')),
    counts: async () => counts.parse(await post('/counts')),
    change: async (batchIds, job) => void (await post('/change', { batchIds, job })),
    behave: async (how) => void (await post('/behave', how)),
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}
