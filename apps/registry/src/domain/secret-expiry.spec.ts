import { readSecret } from './secret-expiry.js';

// Self-signed certificates that end in 2036 and in 2126; the key is none.
const sooner = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBoDCCAUegAwIBAgIUBQ3utPKQKvu1EYo0MskesKIYsT0wCgYIKoZIzj0EAwIw',
  'JjEUMBIGCgmSJomT8ixkARkWBHRlc3QxDjAMBgNVBAMMBXJvYm90MB4XDTI2MTEy',
  'MjA0NTYxOFoXDTM2MTExOTA0NTYxOFowJjEUMBIGCgmSJomT8ixkARkWBHRlc3Qx',
  'DjAMBgNVBAMMBXJvYm90MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+7avFmYv',
  'yyq3wYVwto/UInErIFu88IYNt7tkEtC+gUSr4rdU0D6QP1YovQgZKEdLVVBWmgDu',
  'vyjdBKD/04bpzKNTMFEwHQYDVR0OBBYEFP7C6U6btC015RXwEbCSO78D/bCbMB8G',
  'A1UdIwQYMBaAFP7C6U6btC015RXwEbCSO78D/bCbMA8GA1UdEwEB/wQFMAMBAf8w',
  'CgYIKoZIzj0EAwIDRwAwRAIgFIVHkPz9A2nbrWG+vbY0E3GUoaZVF+YEshdhHw3S',
  'X5QCIEmnCc5XtSN1VWMW5HSyhkxfAlj+Xfg5xO3VJPyrp/uT',
  '-----END CERTIFICATE-----',
].join('\n');
const later = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBnTCCAUOgAwIBAgIUKOLdBeFonK4Pn1NpUBTQeFNpynAwCgYIKoZIzj0EAwIw',
  'IzEUMBIGCgmSJomT8ixkARkWBHRlc3QxCzAJBgNVBAMMAmNhMCAXDTI2MTEyMjA0',
  'NTYxOFoYDzIxMjYxMDI5MDQ1NjE4WjAjMRQwEgYKCZImiZPyLGQBGRYEdGVzdDEL',
  'MAkGA1UEAwwCY2EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQHwwnMbdkKaURd',
  'IFd5HRFd4kPvZnRprCh0mYZrRK00mzgOZaLlrHsMoJGgGvHd1adQ2SBoxAtIXdDE',
  '48KTcmV6o1MwUTAdBgNVHQ4EFgQUDzOUU25HnSvJUJdP4cu9erDkRiIwHwYDVR0j',
  'BBgwFoAUDzOUU25HnSvJUJdP4cu9erDkRiIwDwYDVR0TAQH/BAUwAwEB/zAKBggq',
  'hkjOPQQDAgNIADBFAiAf9Z3lA8I9lr4aMog+uj+hCX62TGGPQS8EHs+Cx+r4LAIh',
  'AKWGL1T7Ck+MGd9KH7Wv3KfHPmWypJ/0QzQuwFF/JXeD',
  '-----END CERTIFICATE-----',
].join('\n');
const key = '-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----';

const jwtOf = (claims: object): string =>
  ['{"alg":"HS256"}', JSON.stringify(claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

describe('what a secret says of its end', () => {
  it('is, of a proxy, the end of the first of its certificates to end', () => {
    const end = new Date('2036-11-19T04:56:18Z');
    expect(readSecret('x509-proxy', `${later}\n${key}\n${sooner}\n`)).toEqual({
      expiresAt: end,
      flaw: undefined,
    });
    expect(readSecret('x509-proxy', `${sooner}\n${key}\n${later}\n`)).toEqual({
      expiresAt: end,
      flaw: undefined,
    });
  });

  it.each([
    ['a proxy without its key', 'x509-proxy', sooner],
    ['a proxy without a certificate', 'x509-proxy', key],
    ['a proxy that is something else', 'x509-proxy', 'hunter2'],
    ['a damaged certificate', 'x509-proxy', `${sooner.replace('M', 'A')}\n${key}`],
    ['an IDTOKEN that is no JWT', 'htcondor-idtoken', 'hunter2'],
  ])('and %s is no such secret', (_what, type, secret) => {
    expect(readSecret(type, secret).flaw).toMatch(/^(?:expected|holds)/);
  });

  it('is, of a JWT of any type, its exp', () => {
    const secret = jwtOf({ sub: 'robot', exp: 2_000_000_000 });
    for (const type of ['htcondor-idtoken', 'diracx-key', 'gitlab-api-token'])
      expect(readSecret(type, secret)).toEqual({ expiresAt: new Date(2_000_000_000_000), flaw: undefined });
  });

  it('is nothing where it says nothing, or nonsense', () => {
    for (const secret of [
      'glpat-abcdefgh',
      jwtOf({ sub: 'a' }),
      jwtOf({ exp: 1e300 }),
      jwtOf({ exp: 'soon' }),
      'a.b.c',
    ])
      expect(readSecret('gitlab-api-token', secret)).toEqual({ expiresAt: undefined, flaw: undefined });
  });
});
