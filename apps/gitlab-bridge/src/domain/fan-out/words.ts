import { allowedFailuresText } from './allowed-failures.js';
import type { FanOut } from './fan-out.js';
import { oneLine, shortened } from './terminal.js';

/** What is begun, for the head of the trace. */
export function beginningWords(fanOut: FanOut, jobs: number): string {
  const { over } = fanOut;
  if (over.kind === 'file') return `Fans out over the list in ${over.path}, which is read first`;
  if (over.kind === 'command')
    return `Fans out over what a command prints, which runs first: ${shortened(oneLine(over.script), 100)}`;
  return fanOutWords(fanOut, jobs);
}

/** `Fans out into 411 jobs, 50 at once at most; 4 (1%) may fail; then they are merged`. */
export function fanOutWords(
  { runningAtOnce, allowedFailures, stopEarly, merge }: FanOut,
  jobs: number,
): string {
  const atOnce =
    runningAtOnce === undefined || runningAtOnce >= jobs ? '' : `, ${runningAtOnce} at once at most`;
  const stop = stopEarly ? ', else the rest is cancelled' : '';
  const then = merge === undefined ? '' : '; then they are merged';
  return `Fans out into ${jobs} ${jobs === 1 ? 'job' : 'jobs'}${atOnce}; ${allowedFailuresText(allowedFailures, jobs)}${stop}${then}`;
}
