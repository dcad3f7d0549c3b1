import type { z } from 'zod';

/** One setting of a service: an environment variable with its meaning. */
export interface Setting<S extends z.ZodType = z.ZodType> {
  /** Name of the environment variable. A secret may come from the file named by `<env>_FILE` instead. */
  readonly env: string;
  /** Takes the text of the variable; `undefined` where it is not set and there is no default. */
  readonly schema: S;
  /** A sentence for `--help` and the reference page. */
  readonly description: string;
  /** The text that counts where the variable is not set. */
  readonly default?: string;
  /** Never shown: not by `--help`, not in an error, not in a log. */
  readonly secret?: boolean;
}

/** Names a setting's parts; exists so that the type of its value is inferred. */
export function setting<S extends z.ZodType>(parts: Setting<S>): Setting<S> {
  return Object.freeze(parts);
}
