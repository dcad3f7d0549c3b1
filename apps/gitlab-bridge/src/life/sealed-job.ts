import { permanent } from '#errors';
import { type CiJob, ciJob } from '#gitlab';
import type { KeyRing } from '#secrets';
import type { CiJobRecord } from '../domain/ci-job.js';
import type { Home } from './compose-stage.js';
import type { ArtifactPlan } from '../domain/composing/index.js';

/** What was decided when a job was composed, and counts to its end. */
export interface Plan {
  readonly artifacts: readonly ArtifactPlan[];
  /** Absent before it was composed. */
  readonly home?: Home | undefined;
}

const purpose = 'ci-job';

/** The whole job is secret: tokens, passwords and variables are all over it. */
export const sealCiJob = (ring: KeyRing, job: CiJob): string => ring.seal(JSON.stringify(job), purpose);

/** @throws permanent `secrets.unknown_key`, `secrets.damaged`, `ci_job.wiped` */
export function openCiJob(ring: KeyRing, { sealed }: CiJobRecord): CiJob {
  if (sealed === undefined) throw permanent('ci_job.wiped', 'the job is over');
  return ciJob.parse(JSON.parse(ring.unseal(sealed, purpose)));
}

/** Sealed, for what a user's variables hold may be in it: names of artifacts are expanded. */
export const sealPlan = (ring: KeyRing, plan: Plan): string =>
  ring.seal(JSON.stringify(plan), `${purpose}-plan`);

/** What is to be done when the stages have ended; nothing where the job had no stage yet. */
export function openPlan(ring: KeyRing, { plan }: CiJobRecord): Plan {
  if (plan === undefined) return { artifacts: [] };
  return JSON.parse(ring.unseal(plan, `${purpose}-plan`)) as Plan;
}
