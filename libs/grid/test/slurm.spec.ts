import { backendResource } from '#contracts';
import { backendKinds, type GridBackend, openBackend } from '#grid';
import { derivedName, GRID_DEADLINE_MS, sharedSlurm, type Slurm, whyNoGrid } from '#lab';
import { itConforms } from './conformance.js';

const reason = whyNoGrid();

/** A backend of its own house on the run's Slurm. */
async function open(house: string, settings: (slurm: Slurm) => object): Promise<GridBackend> {
  const slurm = await sharedSlurm();
  const name = derivedName(import.meta.url, '-') + house;
  const directory = slurm.workDirectory(name);
  const token = await slurm.token();
  return openBackend(backendKinds, {
    settings: backendResource.schema.parse({ name: 'cluster', kind: 'slurm', directory, ...settings(slurm) }),
    house: name,
    directory,
    own: { name: 'robot', type: 'slurm-token', secret: () => token },
    logger: { info: () => {}, warn: () => {} },
  });
}

// Real: the run's Slurm.
(reason === undefined ? describe : describe.skip)(reason ?? 'on a real Slurm', () => {
  beforeAll(() => sharedSlurm(), GRID_DEADLINE_MS);

  const suite = { transfers: true, runs: true, throttles: true, patienceMs: 60_000 };
  itConforms({
    ...suite,
    name: 'slurm, by its tools',
    open: async () => ({ backend: await open('tools', ({ bin }) => ({ tools: bin })) }),
  });
  itConforms({
    ...suite,
    name: 'slurm, by slurmrestd',
    open: async () => ({ backend: await open('rest', ({ url }) => ({ url })) }),
  });
});
