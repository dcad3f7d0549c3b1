import type { CiJob } from '#gitlab';

/** GitLab's user name of who started the job, as GitLab says it in a variable. */
export const userOf = ({ variables }: CiJob): string | undefined =>
  variables.find(({ key }) => key === 'GITLAB_USER_LOGIN')?.value || undefined;
