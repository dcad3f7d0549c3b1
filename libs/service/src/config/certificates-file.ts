import { readFileSync } from 'node:fs';
import { permanent } from '#errors';

/**
 * Certificates (PEM) that go with each job, from the file that a setting names.
 * @throws permanent `config.invalid` where the file cannot be read, or holds none
 */
export function readCertificates(setting: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const refuse = (why: string): Error => permanent('config.invalid', `${setting}: ${why}`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw permanent('config.invalid', `${setting}: ${path} cannot be read`, { cause });
  }
  // A key beside them would go to every worker node.
  if (/PRIVATE KEY/.test(text)) throw refuse(`${path} holds a private key`);
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw refuse(`${path} holds no certificate`);
  return text;
}
