import { signingKey, standardHeaders } from './standard-webhook.js';

const key = signingKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') ?? Buffer.alloc(0);
const event = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', seconds: 1_614_265_330, body: '{"test": 2432232314}' };

describe('signatures of webhooks', () => {
  it('are those of the standard’s own example', () => {
    expect(standardHeaders([key], event)).toEqual({
      'webhook-id': event.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('are one for each key, in their order', () => {
    const other = Buffer.alloc(32, 1);
    const one = (of: Buffer): string => standardHeaders([of], event)['webhook-signature'] ?? '';
    expect(standardHeaders([other, key], event)['webhook-signature']).toBe(`${one(other)} ${one(key)}`);
  });

  it.each(['', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_not base64 at all, however long it is', 'plain text'])(
    'are not made with what is no signing secret: "%s"',
    (secret) => expect(signingKey(secret)).toBeUndefined(),
  );
});
