import { type BackendWorld, backendWorld, type Slurm } from '#lab';

/** How a backend reaches Slurm: by its tools, or by slurmrestd. */
export const ways = ['tools', 'rest'] as const;
/** Tests of what both have to keep run once for each. */
export type Way = (typeof ways)[number];

/** How a test's backend differs from one that simply works. */
export interface SlurmWorldOptions {
  readonly house: string;
  readonly way: Way;
  /** Beside the way. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Instead of one that Slurm takes. */
  readonly token?: string;
}

/** A backend of its own house on a Slurm, whose nodes share a directory with it unless the settings say otherwise. */
export async function slurmWorld(
  slurm: Slurm,
  { house, way, settings, token }: SlurmWorldOptions,
): Promise<BackendWorld> {
  const reached = way === 'tools' ? { tools: slurm.bin } : { url: slurm.url };
  const secret = token ?? (await slurm.token());
  return backendWorld(slurm, {
    house,
    settings: { kind: 'slurm', directory: slurm.workDirectory(house), ...reached, ...settings },
    own: { name: 'robot', type: 'slurm-token', secret: () => secret },
  });
}
