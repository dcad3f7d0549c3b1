import { CommanderError } from 'commander';
import type { Context } from './context.js';
import { exitCodes } from './errors/exit-code.js';
import { openKeyboard } from './keyboard.js';
import { openOutput } from './output/open-output.js';
import { program } from './program.js';
import { readEnvironment } from './settings/config.js';

/** The whole command: the exit code. */
export async function runCommand(words: readonly string[], signal: AbortSignal): Promise<number> {
  let context: Context | undefined;
  try {
    const environment = readEnvironment();
    const command = program((options) => {
      context = {
        out: openOutput({
          json: options.json,
          noColour: environment.noColour || !options.color,
          environment,
        }),
        keyboard: openKeyboard(signal),
        environment,
        url: options.url,
        signal,
        now: () => new Date(),
      };
      return context;
    }, words.includes('--json'));
    await command.parseAsync([...words], { from: 'user' });
    return (signal.aborted ? exitCodes.interrupted : exitCodes.ok).code;
  } catch (error) {
    if (error instanceof CommanderError) return commanderExit(error);
    if (signal.aborted) return exitCodes.interrupted.code;
    const { tellError } = await import('./errors/tell-error.js');
    return tellError(error, context?.out);
  }
}

/** Commander has told what is wrong already; help that was asked for is no fault. */
function commanderExit({ code }: CommanderError): number {
  const asked = ['commander.helpDisplayed', 'commander.version'];
  return asked.includes(code) ? exitCodes.ok.code : exitCodes.usage.code;
}
