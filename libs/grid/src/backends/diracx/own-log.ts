import type { FoundJob } from './answers.js';

/** What DiracX wrote down of a job, for people: a line for each status that it had. */
export function ownLogOf({ JobID, LoggingInfo = [], ...job }: FoundJob): string {
  const lines = LoggingInfo.map(({ StatusTime, Source, ...status }) =>
    [
      StatusTime.toISOString(),
      // DIRAC's own word for "as before".
      ...[status.Status, status.MinorStatus, status.ApplicationStatus].map((text) =>
        !text || text === 'idem' ? '-' : text,
      ),
      `(${Source ?? 'Unknown'})`,
    ].join('  '),
  );
  return [`job ${JobID} (${job.JobName ?? ''}) at ${job.Site ?? 'ANY'}`, ...lines, ''].join('\n');
}
