import type { CvmfsDriver } from '../domain/cvmfs-driver.js';
import { createCvmfsServerDriver } from './cvmfs-server/cvmfs-server.driver.js';
import { createDirectoryDriver } from './directory/directory.driver.js';
import type { DriverOptions } from './driver-options.js';

export type { DriverOptions } from './driver-options.js';

/** A kind of CVMFS driver, as named in the configuration. */
export interface DriverKind {
  readonly kind: string;
  create(options: DriverOptions): CvmfsDriver;
}

/** Every driver there is: a further one is one folder beside these and one line here. */
export const drivers: readonly DriverKind[] = [
  { kind: 'directory', create: createDirectoryDriver },
  { kind: 'cvmfs_server', create: createCvmfsServerDriver },
];
