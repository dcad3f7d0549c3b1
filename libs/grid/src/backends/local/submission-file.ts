import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { jobResources } from '#contracts';
import type { Submission } from '../../backend.js';
import { hasCode, isMissing, writeStatus } from './job-status.js';
import type { Layout } from './layout.js';

/** What the supervisor has to know of a submission. */
const submissionFile = z.object({
  id: z.uuid(),
  name: z.string(),
  attempts: z.array(z.uuid()),
  resources: jobResources,
  priority: z.int(),
  runningAtOnce: z.int().positive().optional(),
  submittedAt: z.iso.datetime(),
});

/** What a supervisor reads anew after a restart; times as RFC 3339. */
export type SubmissionFile = z.output<typeof submissionFile>;

/** Undefined where there is none. */
export async function readSubmission(
  { submissions }: Layout,
  id: string,
): Promise<SubmissionFile | undefined> {
  try {
    return submissionFile.parse(JSON.parse(await readFile(join(submissions, id, 'submission.json'), 'utf8')));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Writes a submission beside the others and moves it among them as a whole; one that is there already stays. */
export async function writeSubmission(layout: Layout, submission: Submission): Promise<void> {
  const { id, name, attempts, template, runningAtOnce } = submission;
  const beside = join(layout.incoming, `${id}.${process.pid}`);
  await rm(beside, { recursive: true, force: true });
  for (const folder of ['work', 'status', 'exit', 'log'])
    await mkdir(join(beside, folder), { recursive: true, mode: 0o700 });
  for (const [index, attempt] of attempts.entries()) {
    const work = join(beside, 'work', String(index));
    await mkdir(work, { mode: 0o700 });
    await writeFile(join(work, 'slipway-job.sh'), submission.wrapper);
    await writeFile(join(work, 'slipway-group.sh'), submission.groupSettings, { mode: 0o600 });
    await writeFile(join(work, 'slipway-attempt.sh'), attempt.settings, { mode: 0o600 });
    await writeStatus(join(beside, 'status', String(index)), { state: 'waiting' });
  }
  const file: SubmissionFile = {
    id,
    name,
    attempts: attempts.map((attempt) => attempt.id),
    resources: template.resources,
    priority: template.priority,
    runningAtOnce,
    submittedAt: new Date().toISOString(),
  };
  await writeFile(join(beside, 'submission.json'), JSON.stringify(file));
  try {
    await rename(beside, join(layout.submissions, id));
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}
