import { AppError, permanent, temporary } from '#errors';
import { systemError } from '../layers/system-error.js';
import { showBytes, type ByteString } from '../tar/byte-string.js';

const errorsByCode: Readonly<Record<string, (path: string) => AppError>> = {
  ENOSPC: (path) => temporary('tree.disk_full', `no space is left to write ${path}`),
  EDQUOT: (path) => temporary('tree.disk_full', `the quota leaves no space to write ${path}`),
  ENAMETOOLONG: (path) => permanent('layer.path_too_long', `the file system refuses ${path}`),
  EEXIST: (path) =>
    permanent('tree.changed_underneath', `${path} is there already: somebody else writes here`),
  EPERM: (path) => permanent('tree.not_permitted', `this user may not give ${path} its owner or type`),
  EACCES: (path) => permanent('tree.not_permitted', `this user may not write ${path}`),
  EINVAL: (path) => permanent('tree.unfit_file_system', `the file system cannot hold ${path}`),
  EILSEQ: (path) => permanent('tree.unfit_file_system', `the file system cannot hold ${path}`),
};

/** An error of the file system as what it means for the tree; others are temporary: disks and mounts come back. */
export function treeError(error: unknown, path: ByteString): AppError {
  if (error instanceof AppError) return error;
  const { code, message } = systemError(error);
  const known = errorsByCode[code];
  if (known !== undefined) return known(showBytes(path));
  return temporary('tree.io', `writing ${showBytes(path)} failed: ${message}`, { cause: error });
}
