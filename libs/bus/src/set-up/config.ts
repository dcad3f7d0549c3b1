import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { permanent } from '#errors';
import { addressFault } from '../broker-address.js';

/** What `set-up-broker` was told; passwords stand in the addresses, so it is never logged. */
export interface SetUpConfig {
  readonly url: string;
  readonly managementUrl: string;
  readonly services: Readonly<Record<string, string>>;
}

/** What `set-up-broker --help` says. */
export const usage = `Usage: set-up-broker [--help]

Makes Slipway's exchanges and queues on RabbitMQ, and a user for each service that may do what the service does and no
more. Does no harm a second time: run it after every change of version.

Environment:
  SLIPWAY_AMQP_URL_FILE        file with an administrator's amqp://user:password@host:port/vhost
  SLIPWAY_AMQP_MANAGEMENT_URL  the management plugin, e.g. http://rabbitmq:15672
  SLIPWAY_SERVICES_DIRECTORY   directory with a directory per service, e.g. webhook-relay, in which the file amqp-url
                               holds the address that the service will use; its user and password are made so
`;

/** Secrets come from files alone. Throws permanent `settings.invalid`. */
export function setUpConfig(environment: NodeJS.ProcessEnv = process.env): SetUpConfig {
  const required = (name: string): string => {
    const value = environment[name];
    if (!value) throw permanent('settings.invalid', `${name} is not set; see --help`);
    return value;
  };
  const directory = required('SLIPWAY_SERVICES_DIRECTORY');
  const services = readdirSync(directory).map((name) => {
    const path = join(directory, name, 'amqp-url');
    return [name, addressIn(path, path)];
  });
  return {
    url: addressIn(required('SLIPWAY_AMQP_URL_FILE'), 'SLIPWAY_AMQP_URL_FILE'),
    managementUrl: required('SLIPWAY_AMQP_MANAGEMENT_URL'),
    services: Object.fromEntries(services) as Record<string, string>,
  };
}

/** `name` is what the person who has to mend it knows it by. */
function addressIn(path: string, name: string): string {
  const address = readFileSync(path, 'utf8').trim();
  const fault = addressFault(address);
  if (fault !== undefined) throw permanent('settings.invalid', `${name}: ${fault}`);
  return address;
}
