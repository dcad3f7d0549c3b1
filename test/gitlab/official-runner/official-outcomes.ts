import { type TestGitLab } from '../index.js';
import { type ParityCase } from '../parity/parity-job.js';
import { type CaseOutcomes, type ParityProjects, runCases } from '../parity/site.js';
import { startOfficialRunner } from './official-runner.js';

const concurrent = 4;

/** Lets the official runner run the cases, registered with this GitLab as long as it takes. Throws with its log when it does not run them. */
export async function officialOutcomes(
  binary: string,
  gitlab: TestGitLab,
  projects: ParityProjects,
  cases: readonly ParityCase[],
): Promise<ReadonlyMap<string, CaseOutcomes>> {
  const runner = await startOfficialRunner({
    binary,
    url: gitlab.url,
    token: gitlab.createRunner().token,
    concurrent: concurrent,
  });
  try {
    return await runCases(projects, cases);
  } catch (error) {
    process.stderr.write(`${runner.log().slice(-8_000)}\n`);
    throw error;
  } finally {
    await runner.stop();
  }
}
