import type { Context } from '../../context.js';
import { usage } from '../../errors/usage.js';
import type { Input } from '../../input.js';
import { secretFrom } from '../../settings/server-address.js';
import { futureTime } from '../../times.js';

/** The secret that is handed in beside a credential; undefined where none is, unless it is needed. */
export async function secretInput(
  { keyboard }: Context,
  input: Input,
  isStdinTaken: boolean,
  isNeeded: boolean,
): Promise<string | undefined> {
  const file = input.text('secretFile');
  if (file !== undefined && file !== '-') return secretFrom(file);
  if (isStdinTaken) {
    if (input.flag('secretStdin') || file === '-')
      throw usage('standard input holds the fields already: hand the secret in by --secret-file');
    return undefined;
  }
  if (input.flag('secretStdin') || file === '-' || (isNeeded && !keyboard.isTerminal)) {
    const secret = (await keyboard.read()).trim();
    if (secret === '')
      throw usage('standard input holds no secret: use --secret-file, or pipe the secret in');
    return secret;
  }
  if (!isNeeded) return undefined;
  const secret = await keyboard.ask('Secret: ', { secret: true });
  if (secret === '') throw usage('no secret was given');
  return secret;
}

/** --expires as a time. */
export function expiresInput(input: Input, now: Date): string | undefined {
  const expires = input.text('expires');
  return expires === undefined ? undefined : futureTime(expires, 'expires', now);
}
