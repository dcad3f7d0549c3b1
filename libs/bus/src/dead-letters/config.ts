import { readFileSync } from 'node:fs';
import { permanent } from '#errors';

/**
 * The broker's addresses (several with commas between), from the same variables as the services'. They are not taken from the command line: other users of
 * the machine could read its password there. Throws permanent `settings.invalid`.
 */
export function brokerUrls(): readonly string[] {
  const file = process.env['SLIPWAY_AMQP_URL_FILE'];
  const url = file ? readFileSync(file, 'utf8').trim() : process.env['SLIPWAY_AMQP_URL'];
  if (url) return url.split(',').map((one) => one.trim());
  throw permanent(
    'settings.invalid',
    'SLIPWAY_AMQP_URL (or SLIPWAY_AMQP_URL_FILE) is not set: amqp://user:password@host:port/vhost',
  );
}
