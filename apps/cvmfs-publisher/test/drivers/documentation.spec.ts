import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drivers } from '../../src/drivers/index.js';

const driverSources = 'apps/cvmfs-publisher/src/drivers';

function errorCodes(): Set<string> {
  const sources = readdirSync(driverSources, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'),
  );
  const text = sources.map((name) => readFileSync(join(driverSources, name), 'utf8')).join('\n');
  return new Set([...text.matchAll(/'(cvmfs\.[a-z_]+)'/g)].map((match) => match[1] ?? ''));
}

describe('docs/cvmfs.md', () => {
  const page = readFileSync('docs/cvmfs.md', 'utf8');
  const table = page.slice(page.indexOf('## Errors'));

  it('says for every error of the drivers what to do', () => {
    const codes = errorCodes();
    expect(codes.size).toBeGreaterThan(20);
    expect([...codes].filter((code) => !table.includes(`\`${code}\``))).toEqual([]);
  });

  it('names no error that there is not', () => {
    const named = [...table.matchAll(/`(cvmfs\.[a-z_]+)`/g)].map((match) => match[1] ?? '');
    expect(named.filter((code) => !errorCodes().has(code))).toEqual([]);
  });

  it('tells of every driver', () => {
    for (const { kind } of drivers) expect(page).toContain(`\`${kind}\``);
  });
});
