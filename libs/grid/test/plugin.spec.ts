import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
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
  it('is found by its name where npm puts packages, and brings a backend', async () => {
    // Where compiled modules look for packages before they look beside the project.
    const name = `slipway-tiny-${process.pid}`;
    const folder = join(process.cwd(), 'dist', 'node_modules', name);
    await mkdir(folder, { recursive: true });
    const manifest = { name, version: '1.0.0', type: 'module', exports: './plugin.js' };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await writeFile(
      join(folder, 'plugin.js'),
      `export const slipway = 1;
       const probe = async () => 'a tiny batch system';
       export const backends = [{ kind: 'tiny', title: 'a tiny one', open: async () => ({ probe }) }];`,
    );
    const index = pathToFileURL(join(process.cwd(), 'dist/libs/grid/src/index.js')).href;
    // In a process of its own, as a service loads it.
    const program = `
      const { loadPlugins, openBackend } = await import(${JSON.stringify(index)});
      const { backends } = await loadPlugins([${JSON.stringify(name)}]);
      const settings = { name: 'there', kind: 'plugin', plugin: 'tiny', options: {} };
      const logger = { info() {}, warn() {} };
      const backend = await openBackend(backends, { settings, house: 'a', directory: '/tmp', logger });
      console.log(await backend.probe({}));`;
    try {
      const args = ['--input-type=module', '--eval', program];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      expect(stdout).toBe('a tiny batch system\n');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

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
