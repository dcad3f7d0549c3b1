import { permanent } from '#errors';
import { loadSlipwayFile, type SlipwayFile } from '#settings';
import type { Action } from '../../command-definition.js';
import type { Context } from '../../context.js';
import type { Paint } from '../../output/paint.js';
import { plain } from '../../output/paint.js';
import { counted } from '../../output/words.js';
import { fail, type Finding, ok } from './finding.js';
import { nodeCheck, publishingChecks, serverChecks } from './machine-checks.js';
import { registryChecks } from './registry-checks.js';

/** `slipway doctor`. */
export const doctor: Action = async (context, input) => {
  const { out } = context;
  const findings: Finding[] = [];
  const file = input.text('file') ?? context.environment.settingsFile;
  for await (const finding of checks(context, file, input.flag('local'))) {
    findings.push(finding);
    if (!out.json) out.raw(`${findingText(finding, out.paint)}\n`);
  }
  const count = (state: Finding['state']): number => findings.filter((each) => each.state === state).length;
  const failed = count('fail');
  await out.result({ ok: failed === 0, findings }, () => {
    const warned = count('warn');
    const verdict = failed > 0 ? out.paint('red', counted(failed, 'fault')) : out.paint('green', 'no faults');
    return `\n${verdict}${warned > 0 ? `, ${out.paint('yellow', counted(warned, 'warning'))}` : ''}, ${counted(count('ok'), 'check')} well`;
  });
  if (failed > 0) throw permanent('command.checks_failed', `${counted(failed, 'check')} failed`);
};

async function* checks(
  context: Context,
  file: string | undefined,
  isLocal: boolean,
): AsyncGenerator<Finding> {
  yield nodeCheck(process.versions.node);
  if (!isLocal) yield* registryChecks(context);
  yield* serverChecks(context.environment);
  if (file === undefined) return;
  let settings: SlipwayFile;
  try {
    settings = loadSlipwayFile(file);
    yield ok('settings', file);
  } catch (error) {
    yield fail(
      'settings',
      error instanceof Error ? error.message : String(error),
      'correct the file; docs/configuration.md has every setting',
    );
    return;
  }
  yield* publishingChecks(settings, context);
}

const marks = { ok: ['green', 'ok  '], warn: ['yellow', 'warn'], fail: ['red', 'fail'] } as const;

function findingText({ name, state, detail, advice }: Finding, paint: Paint): string {
  const [colour, mark] = marks[state];
  const head = `${paint(colour, mark)}  ${paint('bold', plain(name))}: ${plain(detail).replaceAll('\n', '\n      ')}`;
  return advice === undefined ? head : `${head}\n      ${paint('dim', `→ ${plain(advice)}`)}`;
}
