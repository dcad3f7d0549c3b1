/**
 * What is said of jobs and groups, by name: a browser hears no event that it does not know by name. Written out, as
 * those of images are, so that pages that check nothing carry no schemas; a test compares them.
 */
export const jobEvents = [
  'group.queued',
  'group.refused',
  'group.progressed',
  'group.finished',
  'job.queued',
  'job.submitted',
  'job.refused',
  'job.withdrawn',
  'job.waiting',
  'job.running',
  'job.log',
  'job.succeeded',
  'job.failed',
  'job.cancelling',
  'job.cancelled',
  'job.lost',
  'job.retried',
] as const;
