import { parseArgs } from 'node:util';
import { queues } from '#contracts';
import { toAppError } from '#errors';
import { unroutedQueue } from '../topology.js';
import { brokerUrls } from './config.js';
import type { DeadLetter } from './dead-letter.js';
import { dropDead, listDead, replayDead, showDead, withBroker, type Selection } from './dead-letters.js';

const help = `Usage: dead-letters list [QUEUE…] [--limit N] [--json]
       dead-letters show QUEUE ID [--json]
       dead-letters replay QUEUE (ID… | --all) [--json]
       dead-letters drop QUEUE (ID… | --all) [--json]

Messages that a service gave up, queue by queue: why, and what to do with them.

  list      the oldest first; all queues where none is named
  show      one of them, with its headers and payload
  replay    sends them back into the queue that gave them up, and into no other; ids stay, attempts start anew
  drop      deletes them for good

  --all     every dead letter of the queue
  --limit   how many to list of each queue (1000)
  --json    one JSON value on standard output

QUEUE is one of: ${[...Object.values(queues).map((queue) => queue.name), unroutedQueue].join(', ')}
("${unroutedQueue}": events that reached no queue; replay publishes them again to where they were meant for).

Environment: SLIPWAY_AMQP_URL, or SLIPWAY_AMQP_URL_FILE with the path of a file: the broker, as a user who may read the
queues with ".dead" and write to slipway.requeue. Only AMQP is used.
Exit status: 0 done; 1 failed, or no such message; 2 wrong usage; 78 no usable address of the broker.
`;

interface Asked {
  readonly verb: string;
  readonly names: readonly string[];
  readonly all: boolean;
  readonly json: boolean;
  readonly limit: number;
}

/** The whole command; the exit status. */
export async function deadLettersCommand(
  argv: readonly string[],
  out: (text: string) => void,
  err: (text: string) => void,
): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    out(help);
    return 0;
  }
  const asked = read(argv);
  if (typeof asked === 'string') {
    err(`dead-letters: ${asked}\n\n${help}`);
    return 2;
  }
  try {
    out(await run(asked));
    return 0;
  } catch (thrown) {
    const error = toAppError(thrown);
    err(`dead-letters: ${error.message} (${error.code})\n`);
    return error.code === 'settings.invalid' ? 78 : 1;
  }
}

/** What is asked, or why it cannot be understood. */
function read(argv: readonly string[]): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        all: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        limit: { type: 'string', default: '1000' },
      },
    });
    const [verb = '', ...names] = positionals;
    const limit = Number(values.limit);
    const ids = names.length - 1;
    if (!['list', 'show', 'replay', 'drop'].includes(verb)) return 'say list, show, replay or drop';
    if (!Number.isInteger(limit) || limit < 1) return '--limit takes a whole number';
    if (verb === 'show' && ids !== 1) return 'show takes a queue and one id';
    if (verb !== 'list' && verb !== 'show' && (names.length === 0 || values.all === ids > 0)) {
      return `${verb} takes a queue, and ids or --all`;
    }
    return { verb, names, all: values.all, json: values.json, limit };
  } catch (error) {
    return toAppError(error).message;
  }
}

function run({ verb, names, all, json, limit }: Asked): Promise<string> {
  const [queue = '', ...ids] = names;
  const selection: Selection = all ? 'all' : { ids };
  return withBroker(brokerUrls(), async (model) => {
    switch (verb) {
      case 'list': {
        const every = Object.values(queues).map(({ name }) => name);
        const found: DeadLetter[] = [];
        for (const name of names.length > 0 ? names : every)
          found.push(...(await listDead(model, name, limit)));
        return json ? pretty(found) : lines(found);
      }
      case 'show':
        return pretty(await showDead(model, queue, ids[0] ?? ''));
      case 'replay': {
        const replayed = await replayDead(model, queue, selection);
        return json ? pretty({ replayed }) : `replayed ${replayed} into ${queue}\n`;
      }
      default: {
        const dropped = await dropDead(model, queue, selection);
        return json ? pretty({ dropped }) : `dropped ${dropped} of ${queue}\n`;
      }
    }
  });
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function lines(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return 'no dead letters\n';
  const told = letters.map((letter) =>
    [
      letter.queue ?? '-',
      letter.id,
      letter.at ?? '-',
      letter.type ?? '-',
      letter.subject ?? '-',
      `${letter.reason}${letter.code ? ` ${letter.code}` : ''} (attempt ${letter.attempt})`,
      letter.message?.replaceAll(/\s+/g, ' ') ?? '',
    ]
      .join('  ')
      .trimEnd(),
  );
  return `${told.join('\n')}\n`;
}
