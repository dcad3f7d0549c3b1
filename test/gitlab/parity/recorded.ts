import { readFile } from 'node:fs/promises';
import { type JobOutcome } from './outcome.js';

/** In the sources, not in dist: `bin/test-official-runner --record` writes it, and it is committed. */
export const recordedFile = new URL('../../../../test/gitlab/parity/fixtures/recorded.json', import.meta.url);

/** What the official runner made of each case, by the case's name and the job's. */
export async function recordedOutcomes(): Promise<
  Readonly<Record<string, Readonly<Record<string, JobOutcome>>>>
> {
  return JSON.parse(await readFile(recordedFile, 'utf8')) as Record<string, Record<string, JobOutcome>>;
}
