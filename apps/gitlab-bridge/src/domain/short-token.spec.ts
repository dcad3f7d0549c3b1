import { shortToken } from './short-token.js';

describe('the short token of a runner', () => {
  it('is nine characters after what all tokens begin with', () => {
    expect(shortToken('glrt-abcdefghijklmnopqrst')).toBe('abcdefghi');
    expect(shortToken('glrt-t3_abcdefghijklmnopqrst')).toBe('abcdefghi');
    expect(shortToken('GR1348941abcdefghijklmnopqrst')).toBe('abcdefghi');
    expect(shortToken('abc')).toBe('abc');
    expect(shortToken('')).toBe('');
  });

  it('begins and ends with a letter or a digit', () => {
    expect(shortToken('glrt-_bcdefghijk')).toBe('r_bcdefgh');
    expect(shortToken('glrt-abcdefgh-jk')).toBe('abcdefghr');
  });
});
