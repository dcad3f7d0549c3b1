import type { SpawnSyncReturns } from 'node:child_process';

/**
 * Runs a standard program to its end, with nothing of this process's environment, in the directory given. Few trees
 * need one, so the module that starts processes is loaded only then.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, input }: { readonly cwd: string; readonly input?: Buffer },
): SpawnSyncReturns<Buffer> {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  return spawnSync(program, args, {
    cwd,
    env: {},
    input,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
}
