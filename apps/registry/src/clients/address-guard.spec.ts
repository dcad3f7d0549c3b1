import { type Address, AddressGuard, networkOf } from './address-guard.js';

const at = (address: string): Promise<readonly Address[]> =>
  Promise.resolve([{ address, family: address.includes(':') ? 6 : 4 }]);
const guard = (...allowed: readonly string[]): AddressGuard =>
  new AddressGuard(
    allowed.flatMap((text) => networkOf(text) ?? []),
    at,
  );
const refused = { code: 'subscription.address_refused' };

describe('where subscriptions may send to', () => {
  it.each(
    ['127.0.0.1', '10.1.2.3', '169.254.169.254', '192.168.0.1', '172.31.0.1', '100.64.0.1', '0.0.0.0'].concat(
      ['224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1', 'ff02::1'],
    ),
  )('is not %s', (address) => expect(guard().addressesOf(address)).rejects.toMatchObject(refused));

  it.each(['::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::'])(
    'is not what leads there in disguise: %s',
    (address) => expect(guard().addressesOf(address)).rejects.toMatchObject(refused),
  );

  it.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('is the public internet: %s', (address) =>
    expect(guard().addressesOf(address)).resolves.toMatchObject([{ address }]),
  );

  it('is what the settings allow, and no more', async () => {
    const some = guard('10.1.0.0/16', 'fd00::/8', '127.0.0.1');
    for (const address of ['10.1.2.3', 'fd00::1', '127.0.0.1', '::ffff:10.1.2.3'])
      await expect(some.addressesOf(address)).resolves.toHaveLength(1);
    for (const address of ['10.2.0.1', 'fe80::1', '127.0.0.2'])
      await expect(some.addressesOf(address)).rejects.toMatchObject(refused);
  });

  it('is not a name that leads there', () =>
    expect(new AddressGuard([]).addressesOf('localhost')).rejects.toMatchObject(refused));

  it.each(['10.0.0.0/33', '10.0.0/8', 'fd00::/129', 'example.org', '10.0.0.0/8/8', '10.0.0.0/'])(
    'cannot be told by what is no network: %s',
    (text) => expect(networkOf(text)).toBeUndefined(),
  );
});
