import { NetworkGuard } from './network-guard.js';

describe('where subscriptions may send to', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '169.254.169.254',
    '192.168.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
  ])('is not %s', (address) => expect(new NetworkGuard([]).mayReach(address)).toBe(false));

  it.each(['::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::'])(
    'is not what leads there in disguise: %s',
    (address) => expect(new NetworkGuard([]).mayReach(address)).toBe(false),
  );

  it.each(['8.8.8.8', '2606:4700::1111'])('is the public internet: %s', (address) =>
    expect(new NetworkGuard([]).mayReach(address)).toBe(true),
  );

  it('is what the settings allow, and no more', () => {
    const guard = new NetworkGuard(['10.1.0.0/16', 'fd00::/8']);
    expect(['10.1.2.3', '10.2.0.1', 'fd00::1', '127.0.0.1'].map((one) => guard.mayReach(one))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it('is not a name that leads there', async () => {
    const outcome = await new Promise((done) => {
      new NetworkGuard([]).lookup('localhost', {}, (error) => done(error));
    });
    expect(outcome).toMatchObject({ code: 'subscription.address_refused' });
  });
});
