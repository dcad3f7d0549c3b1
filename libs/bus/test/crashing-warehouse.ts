import { appendFileSync } from 'node:fs';
import { connectBus, policy, silentLogger } from '#bus';
import { temporary } from '#errors';
import { house, ordered, orders, ship } from './house.js';

/**
 * A consumer as a process of its own, which dies of a poisonous message as of a power cut. Writes a line for each
 * message that it handled. Arguments: broker address, file.
 */
const [url = '', file = ''] = process.argv.slice(2);
const usual = policy({ attempts: 5, delays: ['10s'], prefetch: 20 });
const bus = connectBus({
  url,
  service: 'warehouse',
  logger: silentLogger,
  house,
  limits: { suspectPauseMs: 300 },
});
bus.consume(orders, [
  {
    message: ordered,
    policy: usual,
    handle: async ({ note }, { id, attempt }) => {
      if (note === 'poison') process.kill(process.pid, 'SIGKILL');
      if (note === 'once more' && attempt === 1) throw temporary('warehouse.busy', 'come back');
      // Some are at work when the process dies.
      await new Promise((resolve) => setTimeout(resolve, 20));
      appendFileSync(file, `${id}\n`);
    },
  },
  { message: ship, policy: usual, handle: async () => {} },
]);
