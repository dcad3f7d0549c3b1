import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** The password kept in the file; made at random when there is none yet, readable by its owner alone. */
export function keptPassword(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    const password = randomBytes(18).toString('base64url');
    writeFileSync(path, password, { mode: 0o600 });
    return password;
  }
}
