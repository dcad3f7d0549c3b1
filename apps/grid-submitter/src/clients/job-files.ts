import { type BackendSettings, type JobTemplate, templateSecrets, templateSecretsPurpose } from '#contracts';
import { composeAttempt, composeGroup, jobScript, type Submission } from '#grid';
import type { KeyRing } from '#secrets';
import type { Picked } from '../storage/pick.store.js';

/** What a job needs to find the monitor, and what its attempts' tokens are made with. */
export interface JobFilesOptions {
  /** Under which address worker nodes reach the monitor. */
  readonly monitorUrl: string;
  /** Certificates (PEM) that the monitor's is to be checked by; absent: those that the nodes know. */
  readonly monitorCa?: string | undefined;
  readonly ring: KeyRing;
}

/**
 * Of so many jobs at once nobody reads along with each log: it is sent less often, which saves their nodes, and the
 * monitor, most of their calls.
 */
const manyJobs = 32;
const logSecondsOfMany = 5;

/** Makes of what was picked what a batch system is given: the job's files, with a token for each attempt. */
export class JobFiles {
  constructor(private readonly options: JobFilesOptions) {}

  submissionOf({ id, group, attempts, runningAtOnce }: Picked, { transfer }: BackendSettings): Submission {
    const { monitorUrl, monitorCa, ring } = this.options;
    const { id: groupId, name, project, backend, user, template } = group;
    // Where worker nodes have no way out, a token would open nothing.
    const logSeconds = attempts.length < manyJobs ? undefined : logSecondsOfMany;
    const way = transfer === 'http' ? { monitorUrl, monitorCa, logSeconds } : {};
    const tokenOf = (attempt: string): string | undefined =>
      transfer === 'http' ? ring.seal(attempt, 'worker') : undefined;
    return {
      id,
      name,
      project,
      user,
      template,
      runningAtOnce,
      transfer,
      wrapper: jobScript(),
      groupSettings: composeGroup(
        { groupId, name, project, backend, template: this.opened(template, groupId) },
        way,
      ),
      attempts: attempts.map(({ id: attemptId, jobId, index, number: attempt, item }) => ({
        id: attemptId,
        settings: composeAttempt({ jobId, attemptId, index, attempt, item }, tokenOf(attemptId)),
      })),
    };
  }

  /** @throws AppError `secrets.damaged` or `secrets.unknown_key` where it was not sealed here, for this group */
  private opened(template: JobTemplate, groupId: string): JobTemplate {
    if (template.sealed === undefined) return template;
    const text = this.options.ring.unseal(template.sealed, templateSecretsPurpose(groupId));
    const secrets = templateSecrets.parse(JSON.parse(text));
    return {
      ...template,
      environment: { ...template.environment, ...secrets.environment },
      inputs: [...template.inputs, ...secrets.inputs],
    };
  }
}
