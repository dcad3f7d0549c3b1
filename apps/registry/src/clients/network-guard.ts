import { permanent } from '#errors';
import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';

/** What is not on the public internet (IANA's registries of special-purpose addresses). */
const notPublic = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
];

/** Keeps requests that others decide on away from what only we can reach. */
export class NetworkGuard {
  private readonly refused = listOf(notPublic);
  private readonly allowed: BlockList;

  /** @throws permanent `subscription.bad_network` */
  constructor(allowed: readonly string[]) {
    this.allowed = listOf(allowed);
  }

  mayReach(address: string): boolean {
    const plain = unmapped(address);
    const family = isIPv6(plain) ? 'ipv6' : 'ipv4';
    return this.allowed.check(plain, family) || !this.refused.check(plain, family);
  }

  /** An address in a URL is not looked up. @throws permanent `subscription.address_refused` */
  refuseLiteral(hostname: string): void {
    const host = hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !this.mayReach(host)) throw refusal(host);
  }

  /** Checks the very addresses that are connected to: a name that changes its mind in between gains nothing. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 4);
      const refused = addresses.find(({ address }) => !this.mayReach(address));
      const [first] = addresses;
      if (refused || !first) return callback(refusal(hostname), '', 4);
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

const refusal = (host: string): Error =>
  permanent(
    'subscription.address_refused',
    `${host} is no public address; SLIPWAY_SUBSCRIPTION_NETWORKS does not allow it`,
  );

/** `::ffff:10.0.0.1` is 10.0.0.1. */
function unmapped(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    try {
      list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
    } catch (cause) {
      throw permanent('subscription.bad_network', `${network} is no network`, { cause });
    }
  }
  return list;
}
