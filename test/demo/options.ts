import { parseArgs } from 'node:util';

/** What one can ask of `bin/demo`. */
export interface DemoOptions {
  /** End after the first image instead of at Ctrl-C. */
  readonly once: boolean;
  /** One JSON object as the last line of standard output, nothing else there. */
  readonly json: boolean;
  /** Leave the state directory for a look afterwards. */
  readonly keep: boolean;
  /** Show the services' logs. */
  readonly verbose: boolean;
  /** Where everything lives; a new temporary directory unless told. */
  readonly directory: string | undefined;
}

/** Throws a TypeError, whose words name it, for an option that there is not. */
export function demoOptions(args: readonly string[]): DemoOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { once: flag, json: flag, keep: flag, verbose: flag, directory: { type: 'string' } },
  });
  return { ...values, directory: values.directory };
}
