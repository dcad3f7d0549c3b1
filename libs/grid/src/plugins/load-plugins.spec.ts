import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPlugins } from './load-plugins.js';

// Real: packages on disk.
describe('a package that is no plugin', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-plugins-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it.each([
    ['', 'slipway: expected 1, the version of the interface that this Slipway has'],
    [
      'exports.slipway = 1; exports.backends = [{ kind: "tiny" }];',
      'backends.0.title: is missing: expected text; backends.0.open: expected a function',
    ],
    ['exports.slipway = 1; exports.backends = "tiny";', 'backends: expected a list, got text'],
  ])('is told of in words: %s', async (code, words) => {
    const path = join(directory, `plugin-${code.length}.cjs`);
    await writeFile(path, code);
    await expect(loadPlugins([path])).rejects.toMatchObject({
      code: 'plugin.unusable',
      message: `plugin ${path}: ${words}`,
    });
  });
});
