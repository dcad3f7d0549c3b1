const below = (consoleUrl: string | undefined, path: string): string | undefined =>
  consoleUrl === undefined ? undefined : `${consoleUrl.replace(/\/+$/, '')}/jobs/${path}`;

/** The page of a group; undefined where nobody said where the page is. */
export const pageOf = (consoleUrl: string | undefined, groupId: string): string | undefined =>
  below(consoleUrl, `groups/${groupId}`);

/** The page of a job. */
export const jobPageOf = (consoleUrl: string | undefined, jobId: string): string | undefined =>
  below(consoleUrl, jobId);
