import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

/** Settings as a process is given them. */
export type Environment = Readonly<Record<string, string>>;

/** Where a service keeps what it knows; without `schema` in the one that is its default. */
export interface DatabasePlace {
  readonly url: string;
  readonly schema?: string;
}

/** What runs before a service does, and the keys that it shares with the other services. */
export interface ServicePartners {
  readonly amqpUrl: string;
  /** As `newKeyRing` makes it. */
  readonly keyRing: string;
  readonly postgres?: DatabasePlace;
}

/** How a service is told whom it works with. */
export function partnersEnvironment({
  amqpUrl,
  keyRing,
  postgres,
}: ServicePartners): Environment & { readonly SLIPWAY_AMQP_URL: string } {
  const database = postgres === undefined ? {} : databaseEnvironment(postgres);
  return { ...database, SLIPWAY_AMQP_URL: amqpUrl, SLIPWAY_KEY_RING: keyRing };
}

/** How a service is told of its database, where each of several has its own. */
export function databaseEnvironment({ url, schema }: DatabasePlace): Environment {
  return { SLIPWAY_POSTGRES_URL: url, ...(schema !== undefined && { SLIPWAY_POSTGRES_SCHEMA: schema }) };
}

/** How a service is told to read slipway.yml from a directory, and to keep there whatever it writes. */
export function directoryEnvironment(
  directory: string,
): Environment & Readonly<Record<'SLIPWAY_CONFIG' | 'SLIPWAY_OUTPUT_DIRECTORY', string>> {
  return {
    SLIPWAY_CONFIG: join(directory, 'slipway.yml'),
    SLIPWAY_STATE_DIRECTORY: join(directory, 'state'),
    SLIPWAY_OUTPUT_DIRECTORY: join(directory, 'outputs'),
    SLIPWAY_CACHE_DIRECTORY: join(directory, 'cache'),
  };
}

/** A key ring with one key, as SLIPWAY_KEY_RING has it. */
export const newKeyRing = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;

/** A key as SLIPWAY_BOOTSTRAP_KEY has it: it makes the first admin's key, once. */
export const newBootstrapKey = (): string => `slw_bootstrap_${randomBytes(32).toString('base64url')}`;
