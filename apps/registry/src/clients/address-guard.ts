import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { permanent, temporary } from '#errors';

/** An address to connect to. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** A network: an address and the length of its prefix. */
export interface Network extends Address {
  readonly prefix: number;
}

/** Addresses that are not of the public internet, or stand for others (RFC 6890 and the IANA's registries that follow it). */
const refusedNetworks = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
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
  'fec0::/10',
  'ff00::/8',
];

/** A network as `10.1.0.0/16` or `fd00::/8`, or a single address; undefined where it is neither. */
export function networkOf(text: string): Network | undefined {
  const [address = '', length, ...more] = text.split('/');
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || more.length > 0) return undefined;
  const bits = family === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(/^\d{1,3}$/.exec(length)?.[0] ?? Number.NaN);
  return prefix >= 0 && prefix <= bits ? { address, family, prefix } : undefined;
}

/** Keeps requests that others ask for out of the networks that they cannot reach themselves. */
export class AddressGuard {
  private readonly refused = listOf(
    refusedNetworks.flatMap((text): Network[] => [networkOf(text) ?? []].flat()),
  );
  private readonly allowed: BlockList;

  /** @param allowed may be reached though they are refused otherwise */
  constructor(
    allowed: readonly Network[],
    private readonly resolve: (host: string) => Promise<readonly Address[]> = resolved,
  ) {
    this.allowed = listOf(allowed);
  }

  /**
   * The addresses of a host that may be connected to. Connect to these and look nothing up again: the name may lead
   * elsewhere the next time.
   *
   * @throws permanent `subscription.address_refused`; temporary `subscription.unknown_host`
   */
  async addressesOf(host: string): Promise<readonly Address[]> {
    const addresses = await this.resolve(host.replace(/^\[|\]$/g, '')).catch((cause: unknown) => {
      throw temporary('subscription.unknown_host', `${host} has no address`, { cause });
    });
    const open = addresses.filter((address) => this.isOpen(address));
    if (open.length > 0) return open;
    const message = `${host} is at ${addresses[0]?.address ?? 'no address'}, where nothing is sent to: it is not of the public internet (SLIPWAY_SUBSCRIPTION_NETWORKS)`;
    throw permanent('subscription.address_refused', message, { level: 'info' });
  }

  private isOpen(given: Address): boolean {
    const { address, family } = plain(given);
    const type = family === 4 ? 'ipv4' : 'ipv6';
    return this.allowed.check(address, type) || !this.refused.check(address, type);
  }
}

async function resolved(host: string): Promise<readonly Address[]> {
  const found = await lookup(host, { all: true });
  return found.flatMap(({ address, family }) => (family === 4 || family === 6 ? [{ address, family }] : []));
}

/** An IPv4 address that is written as IPv6 (RFC 4291, 2.5.5.2) is connected to as IPv4. */
function plain({ address, family }: Address): Address {
  const [, dotted] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (dotted !== undefined) return { address: dotted, family: 4 };
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return { address, family };
  const [one, other] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return { address: [one >> 8, one & 255, other >> 8, other & 255].join('.'), family: 4 };
}

function listOf(networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const { address, family, prefix } of networks)
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return list;
}
