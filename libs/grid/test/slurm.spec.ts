import { derivedName, gridDeadlineMs, sharedSlurm, whyNoGrid } from '#lab';
import { itConforms } from './conformance.js';
import { slurmWorld, type Way } from './slurm-world.js';

const reason = whyNoGrid();
const house = derivedName(import.meta.url, '-');
const open = async (way: Way) => slurmWorld(await sharedSlurm(), { house: house + way, way });

// Real: the run's Slurm.
(reason === undefined ? describe : describe.skip)(reason ?? 'on a real Slurm', () => {
  beforeAll(() => sharedSlurm(), gridDeadlineMs);

  const suite = { transfers: true, runs: true, throttles: true, patienceMs: 60_000 };
  itConforms({ ...suite, name: 'slurm, by its tools', open: () => open('tools') });
  itConforms({ ...suite, name: 'slurm, by slurmrestd', open: () => open('rest') });
});
