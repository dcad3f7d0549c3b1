import { readFileSync } from 'node:fs';
import { permanent } from '#errors';
import { addressFault } from '../broker-address.js';

/**
 * The broker's addresses (several with commas between), from the same variables as the services'. They are not taken
 * from the command line: other users of the machine could read its password there. Throws permanent `settings.invalid`.
 */
export function brokerUrls(environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const file = environment['SLIPWAY_AMQP_URL_FILE'];
  const text = file ? readFileSync(file, 'utf8').trim() : environment['SLIPWAY_AMQP_URL'];
  if (!text)
    throw permanent(
      'settings.invalid',
      'SLIPWAY_AMQP_URL (or SLIPWAY_AMQP_URL_FILE) is not set: amqp://user:password@host:port/vhost',
    );
  const urls = text.split(',').map((url) => url.trim());
  const fault = urls.map(addressFault).find((fault) => fault !== undefined);
  const name = file ? 'SLIPWAY_AMQP_URL_FILE' : 'SLIPWAY_AMQP_URL';
  if (fault !== undefined) throw permanent('settings.invalid', `${name}: ${fault}`);
  return urls;
}
