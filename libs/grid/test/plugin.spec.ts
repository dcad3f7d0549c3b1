import { backendResource } from '#contracts';
import { backendKinds, loadPlugins, openBackend } from '#grid';
import { itConforms } from './conformance.js';
import { type SimulatedGrid, startSimulatedGrid } from '../../../test/stand-ins/batch-system/index.js';

const logger = { info: () => undefined, warn: () => undefined };
let grid: SimulatedGrid | undefined;

itConforms({
  name: 'plugin’s',
  transfers: false,
  runs: false,
  throttles: false,
  open: async () => {
    grid = await startSimulatedGrid();
    const { backends } = await loadPlugins([grid.plugin]);
    const settings = backendResource.schema.parse({
      name: 'there',
      kind: 'plugin',
      plugin: 'simulated',
      options: { url: grid.url },
    });
    const kinds = [...backendKinds, ...backends];
    return { backend: await openBackend(kinds, { settings, house: 'test', directory: '/tmp', logger }) };
  },
  close: async () => grid?.stop(),
});

describe('a plugin', () => {
  it('that is not there is named, with the reason', async () => {
    await expect(loadPlugins(['slipway-no-such-package'])).rejects.toMatchObject({
      code: 'plugin.unusable',
      message: expect.stringContaining('slipway-no-such-package'),
    });
  });

  it('that is none is refused with what is wrong with it', async () => {
    await expect(loadPlugins(['node:os'])).rejects.toMatchObject({
      code: 'plugin.unusable',
      message: expect.stringContaining('expected 1'),
    });
  });

  it('that nobody installed is no kind of batch system', () => {
    const settings = backendResource.schema.parse({ name: 'there', kind: 'plugin', plugin: 'other' });
    const open = (): unknown =>
      openBackend(backendKinds, { settings, house: 'a', directory: '/tmp', logger });
    expect(open).toThrow('backend there: no batch system of kind other is installed');
  });
});
