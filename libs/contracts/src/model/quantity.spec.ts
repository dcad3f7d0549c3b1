import { parseBytes, parseDuration } from '#contracts';

describe('a size', () => {
  it.each([
    ['1 MiB', 1_048_576],
    ['1.5GB', 1_500_000_000],
    ['17', 17],
    ['2 kib', 2_048],
    ['1 constructor', undefined],
    ['-1', undefined],
    ['9999999999 TiB', undefined],
    ['', undefined],
  ])('"%s" is %s bytes', (text, bytes) => expect(parseBytes(text)).toBe(bytes));
});

describe('a duration', () => {
  it.each([
    ['7d', 604_800_000],
    ['90s', 90_000],
    ['1.5h', 5_400_000],
    ['15m', 900_000],
    ['15', undefined],
    ['soon', undefined],
  ])('"%s" is %s ms', (text, ms) => expect(parseDuration(text)).toBe(ms));
});
