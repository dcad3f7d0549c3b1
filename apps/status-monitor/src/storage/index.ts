import { OutboxMessage } from '#database';
import { Ledger1810000000000 } from './migrations/1810000000000-ledger.js';
import { Logs1820000000000 } from './migrations/1820000000000-logs.js';
import { EventPositions1830000000000 } from './migrations/1830000000000-event-positions.js';

/** The service's schema, its tables and their history. */
export const storage = {
  schema: 'status_monitor',
  entities: [OutboxMessage],
  migrations: [Ledger1810000000000, Logs1820000000000, EventPositions1830000000000],
};
