import { backendResource } from '#contracts';
import { backendKinds, type GridBackend, openBackend } from '#grid';
import { derivedName, type Diracx, GRID_DEADLINE_MS, sharedDiracx, whyNoDiracx } from '#lab';
import { itConforms } from './conformance.js';

const reason = whyNoDiracx();

/** A backend of its own house on the run's DiracX. */
async function open(diracx: Diracx): Promise<GridBackend> {
  const { url, vo, group, key, users } = diracx;
  const [username] = users;
  return openBackend(backendKinds, {
    settings: backendResource.schema.parse({ name: 'dirac', kind: 'diracx', url, vo, group }),
    house: derivedName(import.meta.url),
    directory: '/nonexistent',
    own: { name: 'robot', type: 'diracx-key', username, secret: () => key },
    logger: { info: () => {}, warn: () => {} },
  });
}

// Real: the run's DiracX server. No pilot comes for its jobs, so that none of them runs.
(reason === undefined ? describe : describe.skip)(reason ?? 'on a real DiracX', () => {
  beforeAll(() => sharedDiracx(), GRID_DEADLINE_MS);

  itConforms({
    name: 'diracx',
    transfers: true,
    runs: false,
    throttles: false,
    open: async () => ({ backend: await open(await sharedDiracx()) }),
  });
});
