import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadSlipwayFile } from '#settings';
import { code, fieldTable } from './generator/field-table.js';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');

describe('the generated pages', () => {
  it('are what `npm run docs` would write now', async () => {
    const run = promisify(execFile)(process.execPath, [join(here, 'generate.js'), '--check']);
    await expect(run).resolves.toMatchObject({ stderr: '' });
  }, 120_000);

  it('show an example that loads and has something of everything', () => {
    const file = loadSlipwayFile(join(root, 'docs/example-slipway.yml'));
    for (const list of Object.values(file)) expect(list.length).toBeGreaterThan(0);
  });
});

describe('a slipway.yml that the project ships', () => {
  const found = ['docs', 'deploy', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /(?:^|[/-])slipway\.ya?ml$/.test(path))
      .map((path) => join(folder, path)),
  );

  it.each(found)('loads: %s', (path) => {
    expect(loadSlipwayFile(join(root, path)).sources).not.toHaveLength(0);
  });
});

describe('a table of fields', () => {
  it('tells what is required, what is inside, and keeps patterns readable', () => {
    const table = fieldTable({
      required: ['name'],
      properties: {
        name: { type: 'string', description: 'in /hooks/<name> | **' },
        rate: { description: 'how much', properties: { burst: { type: 'integer', default: 5 } } },
      },
    });
    expect(table.split('\n').slice(2)).toEqual([
      `| ${code('name')} | text | **required** | in /hooks/\\<name> \\| \\*\\* |`,
      `| ${code('rate')} | fields |  | how much |`,
      `| ${code('rate.burst')} | whole number | ${code('5')} |  |`,
    ]);
  });
});
