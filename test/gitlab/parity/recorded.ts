import { readFile } from 'node:fs/promises';
import { type CaseOutcomes } from './site.js';

/** In the sources, not in dist: `bin/test-official-runner --record` writes it, and it is committed. */
export const recordedFile = new URL('../../../../test/gitlab/parity/fixtures/recorded.json', import.meta.url);

/** What the official runner made of each case. */
export async function recordedOutcomes(): Promise<Outcomes> {
  return JSON.parse(await readFile(recordedFile, 'utf8')) as Outcomes;
}

/** By the case's name. */
export type Outcomes = Readonly<Record<string, CaseOutcomes>>;
