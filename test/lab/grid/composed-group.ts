import { randomUUID } from 'node:crypto';
import { jobTemplate } from '#contracts';
import { attemptIdOf, composeAttempt, composeGroup, jobIdOf, jobScript, type Submission } from '#grid';

/** As the submitter hands a group of jobs to a batch system whose nodes have no way out: one job for each item. */
export function composedGroup(
  given: Parameters<typeof jobTemplate.parse>[0],
  items: readonly { readonly key: string; readonly variables: Readonly<Record<string, string>> }[],
): Submission {
  const template = jobTemplate.parse(given);
  const group = { groupId: randomUUID(), name: 'a group', project: 'higgs', backend: 'pool', template };
  const attempts = items.map((item, index) => {
    const jobId = jobIdOf(group.groupId, index);
    const attemptId = attemptIdOf(jobId, 1);
    const settings = composeAttempt({ jobId, attemptId, index, attempt: 1, item }, undefined);
    return { id: attemptId, settings };
  });
  const { name, project } = group;
  const files = { wrapper: jobScript(), groupSettings: composeGroup(group, {}) };
  return { id: randomUUID(), name, project, template, ...files, attempts, transfer: 'backend' };
}
