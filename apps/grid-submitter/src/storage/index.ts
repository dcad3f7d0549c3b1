import { OutboxMessage } from '#database';
import { Groups1795000000000 } from './migrations/1795000000000-groups.js';
import { AskedAgain1796000000000 } from './migrations/1796000000000-asked-again.js';

/** The service's schema, its tables and their history. */
export const storage = {
  schema: 'grid_submitter',
  entities: [OutboxMessage],
  migrations: [Groups1795000000000, AskedAgain1796000000000],
};
