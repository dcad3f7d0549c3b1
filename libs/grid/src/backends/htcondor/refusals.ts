import { type AppError, permanent, temporary } from '#errors';
import type { ToolResult } from './tools.js';

const mostWords = 1_000;

/** It does not answer, or it is full: the same call may go well later. */
const unavailable =
  /can't find address|couldn't contact|failed to connect|unable to connect|connection (?:refused|reset|timed out)|timed? ?out|communication error|can't connect|would exceed (?:max|MAX_)|MAX_JOBS_|too many jobs|disk.*full|no space left|unknown host|failed to (?:begin|start) (?:a )?transaction|SECMAN:2007|schedd.*(?:busy|shutting down)|qmgmt.*(?:failed|closed)/i;

const unauthorized =
  /authenticat|permission denied|not authori[sz]ed|authorization|setting owner to|not a valid user account|DENIED|SECMAN:20(?:04|10)|proxy.*(?:expired|valid)|security.*policy/i;

/** What a failed tool's words mean. They become the error's, without the manual's advice that follows them. */
export function refusalOf(tool: string, { stdout, stderr, exitCode }: ToolResult): AppError {
  const words = essence(stderr) || essence(stdout) || `exit code ${exitCode}`;
  const message = `${tool}: ${words}`;
  if (unauthorized.test(words)) return permanent('grid.unauthorized', message);
  if (unavailable.test(words)) return temporary('grid.unavailable', message);
  return permanent('grid.refused', message);
}

function essence(output: string): string {
  const [said = ''] = output.split(/\n\s*(?:Extra Info|If you are the system)/);
  return said.replaceAll(/\s+/g, ' ').trim().slice(0, mostWords);
}
