import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EdgeWorld, KnownAttempt } from './edge-world.js';

/** How much of a log has arrived. */
export const bytesOf = async (world: EdgeWorld, { attemptId }: KnownAttempt): Promise<number> =>
  (await world.logs.head(await world.attempt(attemptId))).bytes;

/** The lines `line 1`, `line 2`, … of a log: how many, and whether each is there once and in its place. */
export async function linesOf(
  world: EdgeWorld,
  { attemptId }: KnownAttempt,
): Promise<readonly [number, boolean]> {
  const numbers = [...(await world.log(attemptId)).matchAll(/line (\d+)\n/g)].map(([, number]) =>
    Number(number),
  );
  return [numbers.length, numbers.every((number, index) => number === index + 1)];
}

/** Where a running job works, of the directory that it was given. */
export async function workOf(directory: string): Promise<string> {
  const [inside = ''] = (await readdir(directory)).filter((name) => /^slipway\.\d+$/.test(name));
  return join(directory, inside, 'work');
}
