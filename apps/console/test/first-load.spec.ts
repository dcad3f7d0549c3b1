import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { builtConsole } from './built-console.js';

/** The files that the browser is told to read before anything is shown. */
function firstFiles(): readonly string[] {
  const folder = builtConsole();
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  return [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, name = '']) => join(folder, name));
}

describe('what the browser reads first', () => {
  it('is less than 190 kB as it is sent', () => {
    const files = firstFiles();
    expect(files.length).toBeGreaterThan(2);
    const sizes = files.map((file) => statSync(`${file}.br`).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(190_000);
  });

  it('holds no schemas: what is signed in with, and publications, check nothing', () => {
    // What zod calls a fault, in any build of it.
    const holding = firstFiles().filter((file) => readFileSync(file, 'utf8').includes('invalid_union'));
    expect(holding).toEqual([]);
  });

  it('has one style sheet, with the styles of the components that there are and of no others', () => {
    const [sheet, ...others] = firstFiles().filter((file) => file.endsWith('.css'));
    expect(others).toEqual([]);
    const styles = readFileSync(sheet ?? '', 'utf8');
    expect(styles).toContain('--mantine-color-scheme');
    expect(styles).toContain('.publication');
    expect(styles.length).toBeLessThan(200_000);
  });
});
