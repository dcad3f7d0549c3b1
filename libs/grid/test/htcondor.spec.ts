import { type BackendOptions, backendKinds, type GridBackend } from '#grid';
import { backendResource } from '#contracts';
import { type Condor, derivedName, gridDeadlineMs, sharedCondor, whyNoGrid } from '#lab';
import { itConforms } from './conformance.js';

const reason = whyNoGrid();

/** A backend of its own house on the run's HTCondor. */
async function open(house: string, settings: (condor: Condor) => object): Promise<GridBackend> {
  const condor = await sharedCondor();
  const name = derivedName(import.meta.url, '-') + house;
  const options: BackendOptions = {
    settings: backendResource.schema.parse({
      name: 'pool',
      kind: 'htcondor',
      tools: condor.bin,
      ...settings(condor),
    }),
    house: name,
    directory: condor.workDirectory(name),
    logger: { info: () => {}, warn: () => {} },
  };
  const kind = backendKinds.find((one) => one.kind === 'htcondor');
  if (!kind) throw new Error('there is no htcondor backend');
  return kind.open(options);
}

// Real: the run's HTCondor.
(reason === undefined ? describe : describe.skip)(reason ?? 'on a real HTCondor', () => {
  beforeAll(() => sharedCondor(), gridDeadlineMs);

  const suite = { transfers: true, runs: true, throttles: true, patienceMs: 90_000 };
  itConforms({
    ...suite,
    name: 'htcondor, local schedd',
    open: async () => ({ backend: await open('local', () => ({})) }),
  });
  itConforms({
    ...suite,
    name: 'htcondor, remote schedd',
    open: async () => ({ backend: await open('remote', ({ pool, schedd }) => ({ pool, schedd })) }),
  });
});
