import {
  jobResources,
  type JobTemplate,
  parseBytes,
  parseDuration,
  reasonsOf,
  resourceName,
} from '#contracts';
import type { CiVariables } from './ci-variables.js';

/** What the job takes and where, by the variables that only Slipway has. */
export interface AskedResources {
  readonly resources: JobTemplate['resources'];
  readonly backend?: string | undefined;
  readonly notices: readonly string[];
}

const aDay = 86_400;

/** Or the words for what is asked for in a way that is not understood. */
export function askedResources(
  variables: CiVariables,
  timeoutSeconds: number,
  backendDefault: string | undefined,
): AskedResources | { readonly words: string } {
  const asked = (name: string): string | undefined => variables.value(name).trim() || undefined;
  const cpus = asked('SLIPWAY_CPUS');
  const memory = asked('SLIPWAY_MEMORY');
  const disk = asked('SLIPWAY_DISK');
  const time = asked('SLIPWAY_TIME');
  const backend = asked('SLIPWAY_BACKEND');
  const memoryBytes = memory === undefined ? undefined : parseBytes(memory);
  const diskBytes = disk === undefined ? undefined : parseBytes(disk);
  const milliseconds = time === undefined ? undefined : parseDuration(time);
  const bad = (name: string, value: string, expected: string): { words: string } => ({
    words: `${name} is ${JSON.stringify(value)}; expected ${expected}.`,
  });
  if (cpus !== undefined && !/^[1-9]\d{0,3}$/.test(cpus))
    return bad('SLIPWAY_CPUS', cpus, 'a number of cores such as 4');
  if (memory !== undefined && !memoryBytes)
    return bad('SLIPWAY_MEMORY', memory, 'a size such as 512 MiB or 4 GB');
  if (disk !== undefined && !diskBytes) return bad('SLIPWAY_DISK', disk, 'a size such as 20 GB');
  if (time !== undefined && !milliseconds)
    return bad('SLIPWAY_TIME', time, 'a duration such as 90s, 15m, 12h or 2d');
  if (backend !== undefined && !resourceName.safeParse(backend).success)
    return bad('SLIPWAY_BACKEND', backend, 'the name of a backend');
  const wanted = milliseconds === undefined ? timeoutSeconds : Math.ceil(milliseconds / 1_000);
  const numbers = {
    ...(cpus === undefined ? {} : { cpus: Number(cpus) }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(diskBytes === undefined ? {} : { diskBytes }),
    wallTimeSeconds: Math.min(wanted, timeoutSeconds),
  };
  const resources = jobResources.safeParse(numbers);
  if (!resources.success)
    return { words: `What is asked for cannot be had: ${reasonsOf(jobResources, numbers, 1, 'it')}.` };
  return {
    resources: resources.data,
    backend: backend ?? backendDefault,
    notices:
      wanted > timeoutSeconds
        ? [
            `SLIPWAY_TIME is ${time}, but GitLab gives this job no more than ${timeoutSeconds} s: it is ended then. The "timeout" of the job says how long that is.`,
          ]
        : [],
  };
}

/** What GitLab gives a job, in seconds. One without a limit would hold its place on the grid for ever. */
export const timeoutOf = (seconds: number): number =>
  seconds > 0 ? Math.min(Math.ceil(seconds), 31_536_000) : aDay;
