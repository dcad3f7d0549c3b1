import { permanent } from '#errors';

/** What a job may add where the backend allows it, as sbatch and as slurmrestd call it. */
const knownOptions = {
  account: { flag: 'account', field: 'account' },
  constraint: { flag: 'constraint', field: 'constraints' },
  exclude: { flag: 'exclude', field: 'excluded_nodes' },
  gres: { flag: 'gres', field: 'tres_per_node' },
  licenses: { flag: 'licenses', field: 'licenses' },
  partition: { flag: 'partition', field: 'partition' },
  qos: { flag: 'qos', field: 'qos' },
  reservation: { flag: 'reservation', field: 'reservation' },
} as const;

/** An option's name as in `batch` of a job and in `allowedSubmitCommands`: that of sbatch. */
export type ExtraOption = keyof typeof knownOptions;

/** Options that were checked; their values are one word of ASCII each. */
export type ExtraOptions = Readonly<Partial<Record<ExtraOption, string>>>;

/**
 * A job's further options, each of which the backend's `allowedSubmitCommands` has to name. Everything else that Slurm
 * can do is no job's to say: what runs, as whom, where it writes, and what it is found by.
 *
 * Throws permanent `grid.refused`.
 */
export function extraOptions(
  batch: Readonly<Record<string, string>>,
  allowed: readonly string[],
): ExtraOptions {
  const options: Partial<Record<ExtraOption, string>> = {};
  for (const [name, value] of Object.entries(batch)) {
    if (!isOption(name)) {
      const known = Object.keys(knownOptions).join(', ');
      throw refused(name, `is not an option that a job may add; those are ${known}`);
    }
    if (!allowed.includes(name)) throw refused(name, 'is not among those that this backend allows');
    if (!/^[\x21-\x7e]{1,1000}$/.test(value))
      throw refused(name, 'has a value with spaces or other than ASCII in it');
    options[name] = value;
  }
  return options;
}

const isOption = (name: string): name is ExtraOption => Object.hasOwn(knownOptions, name);

/** As arguments of sbatch: `--qos=short`. */
export const asFlags = (options: ExtraOptions): readonly string[] =>
  Object.entries(options).map(([name, value]) => `--${knownOptions[name as ExtraOption].flag}=${value}`);

/** As fields of slurmrestd's job description, where a `gres` needs its prefix written out. */
export const asFields = (options: ExtraOptions): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      knownOptions[name as ExtraOption].field,
      name === 'gres' ? value.replaceAll(/(?<=^|,)(?!gres)/g, 'gres/') : value,
    ]),
  );

function refused(name: string, why: string): Error {
  // eslint-disable-next-line no-control-regex
  const shown = name.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 64);
  return permanent('grid.refused', `the submit option "${shown}" ${why}`, { subject: shown });
}
