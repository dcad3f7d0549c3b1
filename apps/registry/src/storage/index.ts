import { OutboxMessage } from '#database';
import { Resources1800000000000 } from './migrations/1800000000000-resources.js';
import { Access1800000000100 } from './migrations/1800000000100-access.js';
import { Credentials1800000000200 } from './migrations/1800000000200-credentials.js';
import { Audit1800000000001 } from './migrations/1800000000001-audit.js';
import { Publications1800000000300 } from './migrations/1800000000300-publications.js';
import { Subscriptions1800000000400 } from './migrations/1800000000400-subscriptions.js';
import { Copies1800000000500 } from './migrations/1800000000500-copies.js';
import { Sessions1800000000600 } from './migrations/1800000000600-sessions.js';
import { ResourceVersion } from './resource-version.entity.js';

/** The service's tables and their history. */
export const storage = {
  entities: [ResourceVersion, OutboxMessage],
  migrations: [
    Resources1800000000000,
    Audit1800000000001,
    Access1800000000100,
    Credentials1800000000200,
    Publications1800000000300,
    Subscriptions1800000000400,
    Copies1800000000500,
    Sessions1800000000600,
  ],
};
