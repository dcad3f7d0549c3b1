import { permanent } from '#errors';
import type { Context } from './context.js';
import { usage } from './errors/usage.js';
import type { Input } from './input.js';

/** Goes on only with --yes, or when a person says so. Throws `command.usage`, `command.failed`. */
export async function confirm({ keyboard }: Context, input: Input, question: string): Promise<void> {
  if (input.flag('yes')) return;
  if (!keyboard.isTerminal) throw usage(`nobody can answer "${question}" here: say --yes`);
  const answer = await keyboard.ask(`${question} [y/N] `);
  if (!/^y(?:es)?$/i.test(answer)) throw permanent('command.failed', 'nothing is changed');
}
