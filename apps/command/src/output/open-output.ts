import type { Environment, Output } from '../context.js';
import { painter } from './paint.js';

/** What was asked for with `--json` and `--no-color`, and whether the environment forces colours. */
export interface OutputOptions {
  readonly json: boolean;
  readonly noColour: boolean;
  readonly environment: Pick<Environment, 'forceColour'>;
}

/** Standard output for results, standard error for remarks. */
export function openOutput({ json, noColour, environment }: OutputOptions): Output {
  const { stdout, stderr } = process;
  const isTerminal = stdout.isTTY;
  return {
    json,
    paint: painter(!noColour && (isTerminal || environment.forceColour)),
    // Some terminals do not say how wide they are, or say 0.
    width: isTerminal ? stdout.columns || 80 : undefined,
    isLive: !json && stderr.isTTY,
    result: async (value, text) => {
      const written = json ? JSON.stringify(value, null, 2) : await text();
      if (written !== '') stdout.write(`${written}\n`);
    },
    raw: (text) => void stdout.write(text),
    note: (text) => {
      if (!json) stderr.write(`${text}\n`);
    },
  };
}
