import { parseChallenges } from './challenge.js';

describe('parseChallenges', () => {
  it('reads a bearer challenge with commas and spaces in its quotes', () => {
    const header =
      'Bearer realm="https://auth.example.org/token",service="reg",scope="repository:a/b:pull,push x"';
    expect(parseChallenges(header)).toEqual([
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.example.org/token',
          service: 'reg',
          scope: 'repository:a/b:pull,push x',
        },
      },
    ]);
  });

  it('reads several challenges in one header or in several', () => {
    const both = 'Basic realm="x, Bearer realm=y", Bearer realm="z"';
    expect(parseChallenges(both).map(({ scheme, parameters }) => [scheme, parameters.realm])).toEqual([
      ['basic', 'x, Bearer realm=y'],
      ['bearer', 'z'],
    ]);
    expect(parseChallenges(['Basic', 'bearer realm=z']).map(({ scheme }) => scheme)).toEqual([
      'basic',
      'bearer',
    ]);
  });

  it('makes nothing of nothing, and does not hang on what is made to hang it', () => {
    expect(parseChallenges(undefined)).toEqual([]);
    expect(parseChallenges('')).toEqual([]);
    expect(parseChallenges(`Bearer ${'a="\\'.repeat(5000)}`)).toEqual([
      { scheme: 'bearer', parameters: { a: 'a=' } },
    ]);
    expect(parseChallenges(','.repeat(8000) + ' '.repeat(8000))).toEqual([]);
  });
});
