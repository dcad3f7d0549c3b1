import { differences } from './differences.js';

describe('differences', () => {
  it('are told field by field, with what was and what is', () => {
    const before = { name: 'a', limits: { jobs: 1, cpus: 2 }, owners: ['x'] };
    const after = { name: 'a', limits: { jobs: 5, cpus: 2 }, url: 'https://example.org' };
    expect(differences(before, after)).toEqual([
      { path: ['limits', 'jobs'], before: 1, after: 5 },
      { path: ['owners'], before: ['x'] },
      { path: ['url'], after: 'https://example.org' },
    ]);
  });

  it('do not lie in the order of fields', () => {
    const before = { secrets: [{ env: 'A', x: 1 }] };
    expect(differences(before, { secrets: [{ x: 1, env: 'A' }] })).toEqual([]);
  });

  it('of what is new or gone are the whole', () => {
    expect(differences(undefined, { a: 1 })).toEqual([{ path: [], after: { a: 1 } }]);
    expect(differences({ a: 1 }, undefined)).toEqual([{ path: [], before: { a: 1 } }]);
  });
});
