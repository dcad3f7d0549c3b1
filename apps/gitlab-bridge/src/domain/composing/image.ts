import type { JobTemplate } from '#contracts';
import type { CiJob } from '#gitlab';
import type { CiVariables } from './ci-variables.js';
import { withoutNul } from './shell-text.js';

/** The image that the scripts run in; absent: the node as it is. */
export function imageOf(job: CiJob, variables: CiVariables, onGrid: string | undefined): string | undefined {
  if (job.image.name === '') return undefined;
  return onGrid ?? variables.expanded(job.image.name).trim();
}

/** What opens the registry of an image that a node pulls itself, as apptainer and singularity take it. */
export function passwordsOfImage(job: CiJob, image: string): JobTemplate['environment'] {
  const reference = image.replace(/^[a-z+]+:\/\//, '');
  const host = reference.slice(0, Math.max(0, reference.indexOf('/')));
  const credential = job.credentials.find(
    ({ type, url }) => type === 'registry' && hostOf(url) === host && host !== '',
  );
  if (credential === undefined) return {};
  return Object.fromEntries(
    ['APPTAINER', 'SINGULARITY'].flatMap((engine) => [
      [`${engine}_DOCKER_USERNAME`, withoutNul(credential.username)],
      [`${engine}_DOCKER_PASSWORD`, withoutNul(credential.password)],
    ]),
  );
}

const hostOf = (url: string): string => url.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '');
