import { OutboxMessage } from '#database';
import { CiJobs1830000000000 } from './migrations/1830000000000-ci-jobs.js';
import { PublishedImages1830000000200 } from './migrations/1830000000200-published-images.js';
import { CommitStatuses1830000100000 } from './migrations/1830000100000-commit-statuses.js';
import { TraceStanding1830000200000 } from './migrations/1830000200000-trace-standing.js';

/** The service's schema, its tables and their history. */
export const storage = {
  schema: 'gitlab_bridge',
  entities: [OutboxMessage],
  migrations: [
    CiJobs1830000000000,
    PublishedImages1830000000200,
    CommitStatuses1830000100000,
    TraceStanding1830000200000,
  ],
};
