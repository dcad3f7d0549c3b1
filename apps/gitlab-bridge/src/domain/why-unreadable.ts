import { reasonsOf } from '#contracts';
import { ciJob } from '#gitlab';

/** Why a job that GitLab gave is none, without what stands in it: it is told in the job's own trace. */
export const whyUnreadable = (json: unknown): string => reasonsOf(ciJob, json, 3, 'it');
