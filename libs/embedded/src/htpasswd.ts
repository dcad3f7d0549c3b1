import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { permanent } from '#errors';

// The registry knows bcrypt alone, Node has none, and every Debian has perl with the C library's.
const perlProgram = 'chomp(my $salt = <STDIN>); chomp(my $word = <STDIN>); print crypt($word, $salt);';
const bcryptBase64 = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Writes a password file for one user. Throws permanent `embedded.no_bcrypt` where perl's crypt knows no bcrypt. */
export async function passwordFile(path: string, username: string, password: string): Promise<void> {
  const salt = [...randomBytes(21)].map((byte) => bcryptBase64.charAt(byte % 64)).join('');
  const child = spawn('/usr/bin/perl', ['-e', perlProgram], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {});
  // Standard input, for a process's arguments can be read by everybody.
  child.stdin.end(`$2y$05$${salt}u\n${password}\n`);
  const [hash] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (!hash.startsWith('$2y$')) throw permanent('embedded.no_bcrypt', "perl's crypt knows no bcrypt here");
  writeFileSync(path, `${username}:${hash}\n`, { mode: 0o600 });
}
