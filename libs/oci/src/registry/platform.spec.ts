import type { IndexEntry } from './image-document.js';
import { candidates, fit, parsePlatformName, platformName } from './platform.js';

const entry = (platform: string | undefined, isAttestation = false): IndexEntry => ({
  mediaType: 'x',
  digest: platform ?? 'none',
  size: 1,
  platform: platform === undefined ? undefined : parsePlatformName(platform),
  isAttestation,
});
const chosen = (wanted: string, ...offered: (string | undefined)[]) =>
  candidates(
    offered.map((platform) => entry(platform)),
    parsePlatformName(wanted),
  ).map(({ digest }) => digest);

describe('the choice of a platform', () => {
  it.each([
    ['linux/amd64', ['linux/arm64', 'linux/amd64'], ['linux/amd64']],
    ['linux/amd64', ['windows/amd64'], []],
    ['linux/amd64', ['linux/amd64/v3', 'linux/amd64'], ['linux/amd64']],
    [
      'linux/amd64/v3',
      ['linux/amd64', 'linux/amd64/v4', 'linux/amd64/v2'],
      ['linux/amd64/v2', 'linux/amd64'],
    ],
    ['linux/arm64', ['linux/arm64', 'linux/arm64/v8'], ['linux/arm64/v8', 'linux/arm64']],
    ['linux/arm/v6', ['linux/arm/v7', 'linux/arm/v5', 'linux/arm/v6'], ['linux/arm/v6', 'linux/arm/v5']],
    ['linux/arm', ['linux/arm/v6', 'linux/arm/v7'], ['linux/arm/v7', 'linux/arm/v6']],
    ['linux/ppc64le', ['linux/ppc64le'], ['linux/ppc64le']],
    ['linux/amd64', ['unknown/unknown', 'linux/amd64'], ['linux/amd64']],
    ['linux/amd64', [undefined, 'linux/amd64'], ['linux/amd64', 'none']],
  ])('for %s of %j is %j', (wanted, offered, expected) => {
    expect(chosen(wanted, ...offered)).toEqual(expected);
  });

  it('never is an attestation', () => {
    expect(candidates([entry('linux/amd64', true)], parsePlatformName('linux/amd64'))).toEqual([]);
  });

  it('takes a plain arm64 image for arm64/v8 and the other way round', () => {
    expect(fit(parsePlatformName('linux/arm64/v8'), parsePlatformName('linux/arm64'))).toBe(1);
    expect(fit(parsePlatformName('linux/arm64'), parsePlatformName('linux/arm64/v8'))).toBe(0);
  });
});

it('refuses a platform that is none', () => {
  for (const name of ['linux', 'linux/', 'linux/amd64/v1/x', '../amd64']) {
    expect(() => parsePlatformName(name)).toThrow(
      expect.objectContaining({ code: 'image.invalid_platform' }),
    );
  }
  expect(platformName(parsePlatformName('linux/arm/v7'))).toBe('linux/arm/v7');
});
