import { permanent } from '#errors';
import type { CvmfsRepositorySettings } from '#contracts';
import type { CvmfsDriver } from '../domain/cvmfs-driver.js';
import { drivers } from '../drivers/index.js';

/**
 * The driver of a configured CVMFS repository.
 *
 * @throws permanent `cvmfs.unknown_driver`
 */
export function createDriver(repository: CvmfsRepositorySettings): CvmfsDriver {
  const kind = drivers.find(({ kind: name }) => name === repository.driver);
  if (!kind) throw permanent('cvmfs.unknown_driver', `there is no CVMFS driver “${repository.driver}”`);
  return kind.create({
    repository: repository.name,
    root: repository.path,
    lockWaitSeconds: repository.transaction.wait / 1000,
    ...repository.server,
  });
}
