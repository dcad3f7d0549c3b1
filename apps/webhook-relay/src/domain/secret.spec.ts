import { type Unverified } from './delivery.js';
import { matchesHmac, matchesToken, prepareSecret } from './secret.js';
import { refuseStandardSignature } from './standard-signature.js';

const prepare = (text: string) => prepareSecret(text, 'test');

describe('a secret', () => {
  it('is matched by its text alone, whichever of several it is', () => {
    const secrets = [prepare('old'), prepare('new')];
    expect(matchesToken('old', secrets)).toBe(true);
    expect(matchesToken('new', secrets)).toBe(true);
    expect(matchesToken('ol', secrets)).toBe(false);
    expect(matchesToken('', secrets)).toBe(false);
    expect(matchesToken('old', [])).toBe(false);
  });

  it.each([
    '',
    'whsec_',
    'whsec_c2hvcnQ=',
    `whsec_${'A'.repeat(400)}`,
    'whsec_not base64 at all!!!!!!!!!!!!!!!!!!!!',
  ])('is refused where it cannot be one: %p', (text) => {
    expect(() => prepare(text)).toThrow(expect.objectContaining({ code: 'relay.bad_secret' }));
  });

  it('is not shown by the error that refuses it', () => {
    expect(() => prepare('whsec_c2hvcnQ=')).toThrow(expect.not.stringContaining('c2hvcnQ'));
  });
});

describe('GitHub’s signature', () => {
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
  it('holds for the documented vector', () => {
    const hex = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const secrets = [prepare('other'), prepare("It's a Secret to Everybody")];
    expect(matchesHmac([Buffer.from(hex, 'hex')], ['Hello, World!'], secrets)).toBe(true);
    expect(matchesHmac([Buffer.from(hex, 'hex')], ['Hello, World?'], secrets)).toBe(false);
    expect(matchesHmac([Buffer.from(hex.slice(2), 'hex')], ['Hello, World!'], secrets)).toBe(false);
  });
});

describe('Standard Webhooks’ signature', () => {
  // https://github.com/standard-webhooks/standard-webhooks, the libraries' common test vector
  const secret = prepare('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const other = prepare(`whsec_${Buffer.alloc(32).toString('base64')}`);
  const seconds = 1_614_265_330;
  const right = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

  function delivery(
    changes: Readonly<Record<string, string | undefined>> = {},
    body = '{"test": 2432232314}',
  ) {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': String(seconds),
      'webhook-signature': right,
      ...changes,
    };
    return { body: Buffer.from(body), headers, urlToken: undefined } satisfies Unverified;
  }
  const check = (unverified: Unverified, secrets = [other, secret], offset = 0) =>
    refuseStandardSignature(unverified, secrets, (seconds + offset) * 1_000)?.refused;

  it('holds for the common vector, under any of the keys', () => {
    expect(check(delivery())).toBeUndefined();
    expect(check(delivery(), [secret, other])).toBeUndefined();
    expect(check(delivery(), [other])).toBe('wrong_credentials');
  });

  it('may stand among others, in any place', () => {
    const signatures = `v1a,abc v1,AAAA ${right}`;
    expect(check(delivery({ 'webhook-signature': signatures }))).toBeUndefined();
    expect(check(delivery({ 'webhook-signature': right.replace('v1,', 'v2,') }))).toBe(
      'malformed_credentials',
    );
  });

  it.each([
    [300, undefined],
    [-300, undefined],
    [301, 'stale_timestamp'],
    [-301, 'stale_timestamp'],
  ])('counts for five minutes, both ways: %i s', (offset, refused) => {
    expect(check(delivery(), [secret], offset)).toBe(refused);
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('needs its %s', (name) => {
    expect(check(delivery({ [name]: undefined }))).toBe('missing_credentials');
  });

  it('is over the id, the time and every byte', () => {
    expect(check(delivery({ 'webhook-id': 'msg_other' }))).toBe('wrong_credentials');
    expect(check(delivery({ 'webhook-timestamp': String(seconds + 1) }))).toBe('wrong_credentials');
    expect(check(delivery({}, '{"test":2432232314}'))).toBe('wrong_credentials');
    expect(check(delivery({ 'webhook-timestamp': '1614265330.5' }))).toBe('malformed_credentials');
    expect(check(delivery({ 'webhook-id': 'a.b' }))).toBe('malformed_credentials');
  });

  it('is refused where the source has no signing key, only a token', () => {
    expect(check(delivery(), [prepare('a token')])).toBe('no_such_secret');
  });
});
