import { byteRange } from './byte-range.js';

describe('a range of bytes', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-', { from: 0, until: 10 }],
    ['bytes=3-5', { from: 3, until: 6 }],
    ['bytes=3-99', { from: 3, until: 10 }],
    ['bytes=-4', { from: 6, until: 10 }],
    ['bytes=-40', { from: 0, until: 10 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-3', undefined],
    ['bytes=0-1,3-4', undefined],
    ['lines=1-2', undefined],
    ['bytes=-', undefined],
  ] as const)('%s of ten bytes is %j', (header, expected) => {
    expect(byteRange(header, 10)).toEqual(expected);
  });

  it('of nothing is nowhere', () => {
    expect(byteRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(byteRange('bytes=-5', 0)).toBe('unsatisfiable');
    expect(byteRange(undefined, 0)).toBeUndefined();
  });
});
