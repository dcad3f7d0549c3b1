import { join } from 'node:path';
import { permanent } from '#errors';
import { answersHttpSocket } from './probes.js';
import { findProgram } from './programs.js';
import { type EmbeddedServer, privateDirectory, startServer } from './server.js';

/** Where an engine keeps its images, and how: `vfs` unless told. */
export interface DockerdOptions {
  /** Its images, its socket and its log. Short: a socket's path has at most 107 bytes. */
  readonly directory: string;
  /** `vfs` runs on any file system; `overlay2` is what people have. */
  readonly storageDriver?: 'vfs' | 'overlay2';
}

/** An engine that answers at a Unix socket, as in `unix://<socketPath>`. */
export interface DockerdServer extends EmbeddedServer {
  readonly socketPath: string;
}

/**
 * Starts a Docker engine in a mount namespace, and without any network, of its own: it pulls and saves images and
 * touches no firewall rule. Only root can: permanent `embedded.needs_root` otherwise.
 */
export async function startDockerd({
  directory,
  storageDriver = 'vfs',
}: DockerdOptions): Promise<DockerdServer> {
  const program = findProgram({
    name: 'dockerd',
    candidates: ['/usr/sbin/dockerd', '/usr/bin/dockerd', '/usr/local/bin/dockerd'],
    install: 'apt-get install docker.io',
  });
  if (process.getuid?.() !== 0) {
    throw permanent('embedded.needs_root', 'only root can start a Docker engine', { subject: 'dockerd' });
  }
  const socketPath = join(privateDirectory(directory), 'docker.sock');
  // Where its directory lies on no shared mount, as in containers, dockerd mounts it on itself, and may leave that behind.
  const args = [
    ['--mount', '--', program],
    ['--data-root', join(directory, 'data')],
    ['--exec-root', join(directory, 'exec')],
    ['--host', `unix://${socketPath}`],
    ['--pidfile', join(directory, 'dockerd.own-pid')],
    ['--storage-driver', storageDriver],
    ['--bridge=none', '--iptables=false'],
  ].flat();
  const server = await startServer({
    name: 'dockerd',
    command: { program: '/usr/bin/unshare', args, directory, logFile: join(directory, 'dockerd.log') },
    stopSignal: 'SIGTERM',
    probe: () => answersHttpSocket(socketPath, '/_ping'),
  });
  return Object.assign(server, { socketPath });
}
