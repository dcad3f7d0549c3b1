import { chownSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { permanent } from '#errors';

/** A user and their group by number, as the kernel takes them. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who runs a server that refuses to run as root: the first of these users that exists. Undefined when this process is
 * not root's: then it runs as oneself. Throws permanent `embedded.no_user` where none of them exists.
 */
export function unprivilegedOwner(names: readonly string[]): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of names) {
    const user = users.find(([login]) => login === name);
    if (user !== undefined) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw permanent('embedded.no_user', `none of these users exists: ${names.join(', ')}`);
}

/** Hands a directory over to its owner. Throws permanent `embedded.unreachable` when the owner could not get there. */
export function handOver(directory: string, owner: Owner): void {
  for (let parent = dirname(directory); ; parent = dirname(parent)) {
    if ((statSync(parent).mode & 0o001) === 0) {
      const message = `${parent} is closed to the user ${owner.uid} that the server runs as: choose a directory elsewhere, such as below /tmp`;
      throw permanent('embedded.unreachable', message, { subject: directory });
    }
    if (parent === dirname(parent)) break;
  }
  chownSync(directory, owner.uid, owner.gid);
}
