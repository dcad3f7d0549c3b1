import type { GridService } from './grid-processes.js';
import { type Cell, countOf, go } from './kill-cell.js';
import { killWorld, type KillWorld, services } from './kill-world.js';

const counts = (what: string): string => `echo ${what} >> "$PLACE/count"`;
const waits = (file: string): string => `until [ -e "$PLACE/${file}" ]; do sleep 0.1; done`;

// Real: registry, submitter, monitor and bridge as processes, RabbitMQ, PostgreSQL, git over HTTP, the machine as batch
// system, the jobs' own shell script and curl. A GitLab of the tests.
describe('a CI job that fans out', () => {
  let world: KillWorld;

  beforeAll(async () => {
    world = await killWorld(import.meta.url, {
      yaml: {
        variables: {
          SLIPWAY_BACKEND: 'here',
          SLIPWAY_FANOUT: `command:${counts('list')}; ${waits('list')}; seq 2`,
          SLIPWAY_FANOUT_MERGE: `${counts('merge')}; ${waits('merge')}; cat slipway-items/*/out.txt | tee merged.txt`,
        },
        script: [counts('item-$ITEM'), waits('items'), 'echo "of $ITEM" > out.txt'],
        artifacts: { paths: ['out.txt', 'merged.txt'] },
      },
      files: ['list', 'items', 'merge'],
      counted: ['item-1', 'item-2', 'list', 'merge'],
      artifacts: { '1/out.txt': 'of 1\n', '2/out.txt': 'of 2\n', 'merged.txt': 'of 1\nof 2\n' },
      groups: [1, 1, 2],
    });
  }, 600_000);
  afterEach(() => world.tidy());
  afterAll(() => world.close());

  const counted = (cell: Cell, what: string): Promise<unknown> =>
    world.until(cell, `its ${what} to be begun`, () => countOf(cell).includes(what));

  /** Where the job is when a service is killed: goes there, kills, and lets the rest of the job go on. */
  const phases: Readonly<Record<string, (name: GridService, cell: Cell) => Promise<void>>> = {
    'its list is made': async (name, cell) => {
      await counted(cell, 'list');
      await world.kill(name);
      go(cell, 'list', 'items', 'merge');
    },
    'its items run': async (name, cell) => {
      go(cell, 'list');
      await counted(cell, 'item-1');
      await world.kill(name);
      go(cell, 'items', 'merge');
    },
    'its items end': async (name, cell) => {
      go(cell, 'list');
      await counted(cell, 'item-2');
      go(cell, 'items', 'merge');
      await world.kill(name);
    },
    'what its items brought back is merged': async (name, cell) => {
      go(cell, 'list', 'items');
      await counted(cell, 'merge');
      await world.kill(name);
      go(cell, 'merge');
    },
  };

  describe.each(services)('when %s is killed', (name) => {
    it.each(Object.entries(phases))(
      'while %s, ends once, whole',
      async (phase, disturb) => {
        const cell = await world.begin(`${name} ${phase}`);
        await disturb(name, cell);
        await world.expectWhole(cell);
      },
      300_000,
    );
  });
});
