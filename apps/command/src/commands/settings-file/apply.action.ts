import type { ApplyChange, ApplyResult } from '#api';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { checkSlipwayFile } from '#settings';
import type { Action } from '../../command-definition.js';
import { isProblem, type PlaceOf, ProblemError } from '../../clients/problem-error.js';
import { registryOf } from '../../clients/registry.client.js';
import { confirm } from '../../confirm.js';
import type { Context } from '../../context.js';
import { usage } from '../../errors/usage.js';
import { changesText } from '../../output/changes.js';
import type { Paint } from '../../output/paint.js';
import { plain } from '../../output/paint.js';
import { counted } from '../../output/words.js';
import { kinds } from '../resources/kinds.js';
import { liftSecrets, type WrittenFile } from './secret-lifting.js';

/** `slipway apply`. */
export const apply: Action = async (context, input) => {
  const { out } = context;
  const { written: file, placeOf } = await readFile(context, input.text('file') ?? '-');
  const body = liftSecrets(file, placeOf);
  const registry = registryOf(context);
  const send = async (dryRun: boolean): Promise<ApplyResult> => {
    // The list of credentials is ours then, of those that sources and registries name: there are others besides.
    const keep = Array.isArray(file['credentials']) ? {} : { keep: 'credentials' };
    const query = { dryRun, prune: input.flag('prune'), ...keep };
    try {
      return (await registry.request<ApplyResult>('POST', '/apply', { query, body })).body;
    } catch (error) {
      throw isProblem(error) ? new ProblemError(error.problem, { placeOf }) : error;
    }
  };
  const planned = await send(true);
  const real = planned.changes.filter(({ change }) => change !== 'none');
  if (input.flag('dryRun') || real.length === 0) {
    await out.result(planned, () => planText(real, out.paint, 'would be'));
    return;
  }
  const removed = real.filter(({ change }) => change === 'remove');
  if (removed.length > 0 && !input.flag('yes')) {
    out.note(planText(real, out.paint, 'would be'));
    await confirm(context, input, `Remove ${counted(removed.length, 'thing')} that the file does not name?`);
  }
  const applied = await send(false);
  await out.result(applied, () =>
    planText(
      applied.changes.filter(({ change }) => change !== 'none'),
      out.paint,
      '',
    ),
  );
};

interface ReadFile {
  readonly written: WrittenFile;
  readonly placeOf: PlaceOf;
}

async function readFile({ keyboard }: Context, file: string): Promise<ReadFile> {
  let text: string;
  try {
    text = file === '-' ? await keyboard.read() : readFileSync(file, 'utf8');
  } catch (error) {
    throw usage(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
  const name = file === '-' ? 'standard input' : basename(file);
  // Checked here too: the registry knows no lines. What it holds already need not be in the file.
  const { written, placeOf } = checkSlipwayFile(text, name, { isWhole: false });
  return { written: written as WrittenFile, placeOf };
}

const marks = {
  create: ['green', '+', 'created'],
  update: ['yellow', '~', 'changed'],
  remove: ['red', '-', 'removed'],
  none: ['dim', ' ', 'as it is'],
} as const;

/** What changes, thing by thing, and a line that counts. */
function planText(changes: readonly ApplyChange[], paint: Paint, tense: string): string {
  if (changes.length === 0) return 'nothing changes: the registry holds what the file says';
  const lines = changes.map(({ kind, name, change, fields }) => {
    const [colour, mark] = marks[change];
    const title = kinds.find((each) => each.kind === kind)?.title ?? kind;
    const head = paint(colour, plain(`${mark} ${title} ${name}`));
    return change === 'remove' || fields.length === 0
      ? head
      : `${head}\n${changesText(fields, paint, '    ')}`;
  });
  const counts = (['create', 'update', 'remove'] as const).flatMap((each) => {
    const count = changes.filter(({ change }) => change === each).length;
    return count === 0 ? [] : [`${count} ${tense}${tense === '' ? '' : ' '}${marks[each][2]}`];
  });
  return [...lines, '', counts.join(', ')].join('\n');
}
