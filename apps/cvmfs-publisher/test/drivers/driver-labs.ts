import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CvmfsDriver } from '../../src/domain/cvmfs-driver.js';
import { drivers, type DriverOptions } from '../../src/drivers/index.js';
import {
  canMount,
  startCvmfsStandIn,
  type CvmfsStandIn,
  type StandInMode,
} from '../../../../test/stand-ins/cvmfs-server/stand-in.js';

/** A repository for a test, and how to look at it as a reader does. */
export interface DriverLab {
  readonly kind: string;
  readonly options: DriverOptions;
  /** Only where a stranger can use the repository besides us. */
  readonly standIn: CvmfsStandIn | undefined;
  driver(more?: Partial<DriverOptions>): CvmfsDriver;
  /** What readers see, path by path. */
  content(): Record<string, string>;
  stop(): void;
}

/** Whether the test can become another user: what an ordinary one may not do is tested as one. */
export const isRoot = process.getuid?.() === 0;

/** How the stand-in shows its repository to this user. */
export const standInMode: StandInMode = canMount ? 'overlay' : 'copy';

/** Every driver. */
export const labs: readonly (readonly [string, (parent?: string) => DriverLab])[] = [
  ['directory', directoryLab],
  ['cvmfs_server', (parent) => standInLab(standInMode, parent)],
];

/** By its kind, as the settings name it; also in the processes that a test kills. */
export function createDriver(kind: string, options: DriverOptions): CvmfsDriver {
  const found = drivers.find((each) => each.kind === kind);
  if (found === undefined) throw new Error(`no driver ${kind}`);
  return found.create(options);
}

/** The directory driver on a real directory of its own. */
export function directoryLab(parent = tmpdir()): DriverLab {
  const directory = mkdtempSync(join(parent, 'directory-driver-'));
  const root = join(directory, 'repository');
  const options: DriverOptions = { repository: 'test.example.org', root, lockWaitSeconds: 20 };
  return {
    kind: 'directory',
    options,
    standIn: undefined,
    driver: (more) => createDriver('directory', { ...options, ...more }),
    content: () => contentOf(root),
    stop() {
      // An ordinary user's rm stops at directories without write permission.
      execFileSync('chmod', ['-R', 'u+rwX', directory]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The cvmfs_server driver; the tool is a stand-in, disk, mounts and locks are real. */
export function standInLab(mode: StandInMode, parent = tmpdir()): DriverLab {
  const standIn = startCvmfsStandIn(mode, parent);
  const options: DriverOptions = {
    ...standIn.settings,
    lockWaitSeconds: 20,
    publishAttempts: 1,
    publishRetryMs: 10,
  };
  return {
    kind: 'cvmfs_server',
    options,
    standIn,
    driver: (more) => createDriver('cvmfs_server', { ...options, ...more }),
    content: () => contentOf(standIn.readers()),
    stop: () => standIn.stop(),
  };
}

/** Path → what is there, links not followed; the driver's own directory is no content. */
export function contentOf(root: string, below = ''): Record<string, string> {
  const content: Record<string, string> = {};
  for (const name of readdirSync(join(root, below)).sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    if (path === '.slipway') continue;
    const entry = lstatSync(join(root, path));
    if (entry.isSymbolicLink()) content[path] = `-> ${readlinkSync(join(root, path))}`;
    else if (entry.isDirectory()) Object.assign(content, { [path]: 'directory' }, contentOf(root, path));
    else content[path] = entry.isFile() ? readFileSync(join(root, path), 'utf8') : 'special';
  }
  return content;
}
