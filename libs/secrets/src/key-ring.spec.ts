import { randomBytes } from 'node:crypto';
import { fingerprint, lastFour } from './fingerprint.js';
import { openKeyRing } from './key-ring.js';

// Made by another implementation (Python's cryptography, AESGCM), with nonce 00 01 … 0b.
const knownKey = 'k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const knownSealed = 's1.k1.AAECAwQFBgcICQoLIG6merHIhWlO_VQU1NEysDijNd1L1SY3JVfgKSE';

const freshKey = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;
const purpose = 'credential/42';

function codeOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'nothing was thrown';
}

describe('a key ring', () => {
  it('opens what another implementation of the format sealed', () => {
    expect(openKeyRing(knownKey).unseal(knownSealed, purpose)).toBe('glpat-Grüße');
  });

  it('opens what it sealed, the empty secret and a long one included', () => {
    const ring = openKeyRing(freshKey('a'));
    for (const secret of ['', 'é€😀', 'x'.repeat(100_000)])
      expect(ring.unseal(ring.seal(secret, purpose), purpose)).toBe(secret);
  });

  it('seals the same secret differently each time, and shows nothing of it', () => {
    const ring = openKeyRing(freshKey('a'));
    const [one, other] = [ring.seal('hunter2hunter2', purpose), ring.seal('hunter2hunter2', purpose)];
    expect(one).not.toBe(other);
    expect(one).not.toContain(Buffer.from('hunter2').toString('base64url'));
  });

  it('does not open what was sealed for another purpose', () => {
    const ring = openKeyRing(freshKey('a'));
    const sealed = ring.seal('secret', 'credential/1');
    expect(codeOf(() => ring.unseal(sealed, 'credential/2'))).toBe('secrets.damaged');
  });

  it('does not open with another key of the same id, nor under another id', () => {
    const sealed = openKeyRing(freshKey('a')).seal('secret', purpose);
    const ring = openKeyRing(`${freshKey('a')},${freshKey('b')}`);
    expect(codeOf(() => ring.unseal(sealed, purpose))).toBe('secrets.damaged');
    expect(codeOf(() => ring.unseal(sealed.replace('.a.', '.b.'), purpose))).toBe('secrets.damaged');
    expect(codeOf(() => ring.unseal(sealed.replace('.a.', '.c.'), purpose))).toBe('secrets.unknown_key');
  });

  it('does not open what was cut or changed anywhere', () => {
    const ring = openKeyRing(freshKey('a'));
    const sealed = ring.seal('some secret', purpose);
    for (let length = 0; length < sealed.length - 1; length += 1)
      expect(codeOf(() => ring.unseal(sealed.slice(0, length), purpose))).toBe('secrets.damaged');
    const body = Buffer.from(sealed.slice('s1.a.'.length), 'base64url');
    for (const index of body.keys()) {
      const changed = Buffer.from(body);
      changed[index] = (changed[index] ?? 0) ^ 1;
      const text = `s1.a.${changed.toString('base64url')}`;
      expect(codeOf(() => ring.unseal(text, purpose))).toBe('secrets.damaged');
    }
  });

  it('is turned over by a new first key: the old one still opens, the new one seals', () => {
    const old = freshKey('2024');
    const before = openKeyRing(old).seal('secret', purpose);
    const ring = openKeyRing(`${freshKey('2025')},\n${old}\n`);
    expect(ring.keyIds).toEqual(['2025', '2024']);
    expect(ring.unseal(before, purpose)).toBe('secret');
    expect(ring.isCurrent(before)).toBe(false);
    const after = ring.seal('secret', purpose);
    expect(ring.isCurrent(after)).toBe(true);
    expect(codeOf(() => openKeyRing(old).unseal(after, purpose))).toBe('secrets.unknown_key');
  });

  it.each([
    ['empty', '  '],
    ['a key without id', randomBytes(32).toString('base64')],
    ['a key that is too short', `a:${randomBytes(16).toString('base64')}`],
    ['an id in capitals', freshKey('A')],
    ['an id that stands there twice', `${freshKey('a')},${freshKey('a')}`],
  ])('that is not valid (%s) is refused without a word of its keys', (_what, text) => {
    expect(codeOf(() => openKeyRing(text))).toBe('secrets.bad_key_ring');
    const key = text.split(':')[1]?.split(',')[0] ?? 'AAAA';
    expect(() => openKeyRing(text)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(key) }),
    );
  });
});

describe('what is shown of a secret', () => {
  it('is a fingerprint that stays the same over time and tells secrets apart', () => {
    expect(fingerprint('hunter2hunter2')).toBe('81c7049e95c4d291');
    expect(fingerprint('hunter3hunter3')).not.toBe(fingerprint('hunter2hunter2'));
  });

  it('is its end only where enough of it remains', () => {
    expect(lastFour('elevenchars')).toBeUndefined();
    expect(lastFour('twelve-chars')).toBe('hars');
    expect(lastFour('twelve-chars\n')).toBe('hars');
    expect(lastFour('ééééééééééé\0')).toBeUndefined();
  });
});
