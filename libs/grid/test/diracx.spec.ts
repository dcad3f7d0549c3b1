import { derivedName, gridDeadlineMs, sharedDiracx, whyNoDiracx } from '#lab';
import { itConforms } from './conformance.js';
import { diracxWorld } from './diracx-world.js';

const reason = whyNoDiracx();
const house = derivedName(import.meta.url, '-').replaceAll('_', '-');

// Real: the run's DiracX server. A pilot's part is taken by a program of these tests (diracx-pilot.py).
(reason === undefined ? describe : describe.skip)(reason ?? 'on a real DiracX', () => {
  let endPilot: () => Promise<void>;
  beforeAll(() => sharedDiracx(), gridDeadlineMs);

  itConforms({
    name: 'diracx',
    transfers: true,
    runs: true,
    throttles: false,
    patienceMs: 90_000,
    open: async () => {
      const { backend, startPilot } = await diracxWorld(await sharedDiracx(), house);
      endPilot = await startPilot();
      return { backend };
    },
    close: () => endPilot(),
  });
});
