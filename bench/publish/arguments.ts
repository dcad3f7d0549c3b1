import { parseArgs } from 'node:util';

/** What `npm run bench -- publish` was told, and defaults for the rest; only the options' names are checked. */
export interface PublishArguments {
  readonly sizes: readonly string[];
  readonly rounds: number;
  /** Rounds for the 4 GB image; under 3 its figures are no medians. */
  readonly largeRounds: number;
  readonly peers: readonly string[];
  /** Where images are kept from run to run; nothing for a directory that goes with the run. */
  readonly keep: string | undefined;
}

/** Printed for `--help`, and nothing is measured then. */
export const usage = `usage: npm run bench -- publish [options]
  --sizes 120M,1G,4G            images to publish
  --rounds N                    measurements of each contestant (3)
  --large-rounds N              the same for 4G, which takes minutes (as --rounds)
  --peers docker-save,umoci,gnu-tar   whom to measure beside (those that are installed)
  --keep DIRECTORY              keep the generated images there for the next run
  --help`;

const peerNames = 'docker-save,umoci,gnu-tar';

/** Reads the words after the bench's name; nothing when help was asked for. */
export function publishArguments(args: readonly string[]): PublishArguments | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string', default: '120M,1G,4G' },
      rounds: { type: 'string', default: '3' },
      'large-rounds': { type: 'string' },
      peers: { type: 'string', default: peerNames },
      keep: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const rounds = Number(values.rounds);
  return {
    sizes: values.sizes.split(','),
    rounds,
    largeRounds: Number(values['large-rounds'] ?? rounds),
    peers: values.peers.split(',').filter((name) => name !== ''),
    keep: values.keep,
  };
}
