import { changesOf, changesText } from './changes.js';
import { painter, plain } from './paint.js';
import { fit, table } from './table.js';
import { cell, relative, shortDigest, size } from './words.js';

const now = new Date('2026-01-31T12:00:00Z');
const grey = painter(false);

describe('a time', () => {
  it.each([
    ['2026-01-31T12:00:00Z', 'now'],
    ['2026-01-31T11:58:30Z', '1 min ago'],
    ['2026-01-29T11:58:30Z', '2 d ago'],
    ['2026-01-31T15:00:00Z', 'in 3 h'],
    ['2024-12-31T15:00:00Z', '1 y ago'],
    [undefined, '-'],
    ['never', '-'],
  ])('%s is told as %s', (time, text) => expect(relative(time, now)).toBe(text));
});

describe('words', () => {
  it('tell sizes, digests and lists short', () => {
    expect([0, 999, 1500, 123_456_789, 4e12].map(size)).toEqual(['0 B', '999 B', '1.5 kB', '123 MB', '4 TB']);
    expect(size(undefined)).toBe('-');
    expect(shortDigest(`a@sha256:${'0'.repeat(64)}`)).toBe('a@sha256:000000000000…');
    expect(cell(['a', 'b'])).toBe('a, b');
    expect(cell({ jobs: 5 })).toBe('jobs: 5');
    expect(cell([])).toBe('-');
  });

  it('from outside cannot steer the terminal', () => {
    expect(plain('a\u001B[31mb\r\u0007')).toBe('a\uFFFD[31mb\uFFFD\uFFFD');
  });
});

describe('a table', () => {
  const rows = [
    { name: 'analysis', path: 'atlas/analysis-of-something-long' },
    { name: 'b', path: 'x/y' },
  ];
  const columns = [
    { title: 'name', value: (row: (typeof rows)[number]) => row.name },
    { title: 'path', value: (row: (typeof rows)[number]) => row.path, shrinks: true },
  ];

  it('stands in columns, without lines, and whole where it is piped', () => {
    expect(table(rows, columns, { width: undefined, paint: grey }).split('\n')).toEqual([
      'NAME      PATH',
      'analysis  atlas/analysis-of-something-long',
      'b         x/y',
    ]);
  });

  it('is cut to the width of the terminal', () => {
    const lines = table(rows, columns, { width: 24, paint: grey }).split('\n');
    expect(lines[1]).toBe('analysis  atlas/analysi…');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(24);
  });

  it('takes from the rightmost first, and from none more than it can give', () => {
    expect(fit([10, 20, 30], [false, true, true], 50)).toEqual([10, 20, 16]);
    expect(fit([10, 20, 30], [false, true, true], 10)).toEqual([10, 8, 8]);
  });

  it('is coloured where colours are on, and stands as straight', () => {
    const painted = table(
      rows,
      [{ ...columns[0], title: 'name', value: (row) => row.name, colour: () => 'red' as const }],
      {
        width: 80,
        paint: painter(true),
      },
    );
    expect(painted).toContain('\u001B[31manalysis\u001B[39m');
  });
});

describe('what differs', () => {
  it('is told field by field, whatever the order they stand in', () => {
    const before = { name: 'a', limits: { jobs: 100, cpus: 8 }, owners: ['jane'], path: 'x/y' };
    const after = { limits: { cpus: 8, jobs: 200 }, name: 'a', owners: ['jane', 'joe'], backend: 'condor' };
    expect(changesText(changesOf(before, after), grey).split('\n')).toEqual([
      '  ~ limits.jobs: 100 → 200',
      '  ~ owners: ["jane"] → ["jane","joe"]',
      '  - path: x/y',
      '  + backend: condor',
    ]);
    expect(changesOf({ a: { b: 1, c: [{ x: 1, y: 2 }] } }, { a: { c: [{ y: 2, x: 1 }], b: 1 } })).toEqual([]);
  });
});
