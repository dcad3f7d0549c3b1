import { readFileSync } from 'node:fs';
import { parityCases } from './cases.js';
import { coverage } from './coverage.js';
import { recordedOutcomes } from './recorded.js';

const source = (path: string): string =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

/** The rows of the page's tables that say whether a job has something. */
const rows = [...source('docs/gitlab.md').matchAll(/^\| (.+?) +\| (yes|told|refused|no) +\| .*\|$/gm)].map(
  ([, feature = '', answer = '']) => ({ feature, answer }),
);

describe('what a CI job has, as docs/gitlab.md tells', () => {
  it('is a table of which enough is found to judge', () => {
    expect(rows.length).toBeGreaterThan(45);
    expect(rows.filter(({ answer }) => answer === 'yes').length).toBeGreaterThan(30);
  });

  it('is shown wherever it says yes', () => {
    const promised = rows.filter(({ answer }) => answer === 'yes').map(({ feature }) => feature);
    expect(promised.filter((feature) => !coverage[feature])).toEqual([]);
    const unknown = Object.keys(coverage).filter((feature) => !rows.some((row) => row.feature === feature));
    expect(unknown).toEqual([]);
  });

  it('is shown by cases and tests that exist', () => {
    const names = new Set(parityCases.map(({ name }) => name));
    const missing = Object.entries(coverage).flatMap(([feature, all]) =>
      all.flatMap((shown) => {
        if ('case' in shown) return names.has(shown.case) ? [] : [`${feature}: no case “${shown.case}”`];
        if (source(shown.spec).includes(shown.test)) return [];
        return [`${feature}: no test “${shown.test}” in ${shown.spec}`];
      }),
    );
    expect(missing).toEqual([]);
  });

  it('has cases each of which was recorded of the official runner, under a name of its own', async () => {
    const names = parityCases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(await recordedOutcomes()).sort()).toEqual([...names].sort());
  });
});
