import { readFileSync } from 'node:fs';
import { permanent } from '#errors';

/**
 * The certificates that go with each job.
 * @throws permanent `config.invalid` where the file cannot be read or holds none
 */
export function readMonitorCa(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const refuse = (why: string): Error => permanent('config.invalid', `SLIPWAY_MONITOR_CA_FILE: ${why}`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw permanent('config.invalid', `SLIPWAY_MONITOR_CA_FILE: ${path} cannot be read`, { cause });
  }
  // A key beside them would go to every worker node.
  if (/PRIVATE KEY/.test(text)) throw refuse(`${path} holds a private key`);
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw refuse(`${path} holds no certificate`);
  return text;
}
