import { type AppError, toAppError } from '#errors';
import { isProblem, type ProblemError } from '../clients/problem-error.js';
import type { Output } from '../context.js';
import { painter, plain } from '../output/paint.js';
import { exitCodeOf, exitCodes } from './exit-code.js';

/** Says what went wrong, on standard error: in words, or as a problem document with --json. The exit code. */
export function tellError(thrown: unknown, out: Output | undefined): number {
  const error = toAppError(thrown);
  const status = isProblem(error) ? error.status : undefined;
  const code = exitCodeOf(error, status);
  if (code === exitCodes.interrupted.code) return code;
  const text = out?.json === true ? JSON.stringify(documentOf(error)) : wordsOf(error, out);
  process.stderr.write(`${text}\n`);
  return code;
}

const documentOf = (error: AppError): object =>
  isProblem(error)
    ? { ...error.problem, detail: error.message }
    : { type: 'about:blank', title: 'the command failed', detail: error.message, code: error.code };

function wordsOf(error: AppError, out: Output | undefined): string {
  const paint = out?.paint ?? painter(false);
  const [headline = error.message, ...more] = isProblem(error) ? faultsOf(error) : [];
  const lines = [`${paint('red', 'slipway:')} ${plain(headline)}`, ...more.map((line) => `  ${plain(line)}`)];
  const advice = adviceFor(error);
  if (advice !== undefined) lines.push(paint('dim', advice));
  return lines.join('\n');
}

/** What is wrong, then field by field, `limits.jobs: expected at least 1`; once where both are the same. */
function faultsOf({ problem, message, told }: ProblemError): readonly string[] {
  const { placeOf = pathName } = told;
  const fields = problem.errors ?? [];
  const lines = fields.map(({ path, message: fault }) =>
    path.length === 0 ? fault : `${placeOf(path)}: ${fault}`,
  );
  const isSaid = fields.some(
    ({ path, message: fault }) => message.startsWith(path.join('.')) && message.includes(fault),
  );
  if (!isSaid) return [message, ...lines];
  return lines.length === 1 ? lines : [`${lines.length} things are wrong`, ...lines];
}

/** `secrets[0].env`. */
export function pathName(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : name === '' ? part : `${name}.${part}`),
    '',
  );
}

function adviceFor(error: AppError): string | undefined {
  if (isProblem(error) && error.told.advice !== undefined) return error.told.advice;
  if (isProblem(error, 403)) return 'slipway whoami shows who you are and what you may do.';
  if (isProblem(error) && error.status >= 500)
    return 'The registry itself failed: its log and "slipway doctor" tell more.';
  if (error.code === 'command.unreachable') return 'slipway doctor checks what is between here and there.';
  return undefined;
}
