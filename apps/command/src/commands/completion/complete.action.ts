import type { Representation } from '#api';
import type { Action } from '../../command-definition.js';
import { registryClient } from '../../clients/registry.client.js';
import type { Context } from '../../context.js';
import { serverAddress } from '../../settings/server-address.js';
import { commands } from '../index.js';
import { type Candidate, candidatesFor } from './candidates.js';

/** Longer, and it would feel as if the terminal hung. */
const namesTimeoutMs = 1_000;

/** One candidate a line, with a tab and what it means; `:files` where the shell knows best. Says nothing of faults. */
export const complete: Action = async (context, input) => {
  const words = input.arguments('words');
  const { texts, values } = candidatesFor(commands, words);
  const found = values?.from === 'names' ? await namesOf(context, values.of, words.at(-1) ?? '') : texts;
  const lines = values?.from === 'files' ? [':files'] : found.map(({ text, means }) => `${text}\t${means}`);
  context.out.raw(lines.map((line) => `${line}\n`).join(''));
};

async function namesOf(context: Context, plural: string, prefix: string): Promise<readonly Candidate[]> {
  try {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(namesTimeoutMs)]);
    const registry = registryClient(serverAddress(context), signal);
    const query = prefix === '' ? {} : { q: prefix };
    const items = await registry.all<Representation>(`/${plural}`, query, 200);
    return items.flatMap(({ name }) => (name.startsWith(prefix) ? [{ text: name, means: '' }] : []));
  } catch {
    // Whoever presses the tabulator wants to type on, not to read an error.
    return [];
  }
}
