import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Misuse } from '../report.js';

/** What `npm run bench -- publish` was told, and defaults for the rest. */
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
  --peers docker-save,umoci,gnu-tar   whom to measure beside; apt-get install docker.io skopeo umoci curl
  --keep DIRECTORY              keep the generated images there for the next run
  --help`;

const programsOf: Readonly<Record<string, readonly string[]>> = {
  'docker-save': ['docker', 'dockerd', 'tar'],
  umoci: ['skopeo', 'umoci'],
  'gnu-tar': ['curl', 'tar'],
};
const peerNames = Object.keys(programsOf).join(',');

/** Reads the words after the bench's name; nothing when help was asked for. Throws `Misuse`. */
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
  const peers = values.peers.split(',').filter((name) => name !== '');
  for (const name of peers) needPrograms(name);
  return {
    sizes: values.sizes.split(','),
    rounds: countOf('rounds', values.rounds),
    largeRounds: countOf('large-rounds', values['large-rounds'] ?? values.rounds),
    peers,
    keep: values.keep,
  };
}

function countOf(option: string, text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new Misuse(`--${option} ${text}: expected a number from 1 to 999`);
  return Number(text);
}

/** Before minutes of work are lost to a program that is not there. */
function needPrograms(peer: string): void {
  const programs = programsOf[peer];
  if (!programs) throw new Misuse(`--peers ${peer}: expected some of ${peerNames}`);
  const places = (process.env['PATH'] ?? '').split(':');
  const missing = programs.filter((program) => !places.some((place) => existsSync(join(place, program))));
  if (missing.length === 0) return;
  throw new Misuse(`${peer} needs ${missing.join(' and ')}: apt-get install docker.io skopeo umoci curl`);
}
