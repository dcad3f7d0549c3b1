import { AppError, temporary } from '#errors';

/** Runs an action on the disk; its errors come out as AppErrors that say which repository, and what to do. */
export async function onDisk<T>(repository: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw diskError(repository, error);
  }
}

/** Errors of the disk are temporary: an operator makes room or gives rights while the message waits. */
export function diskError(repository: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  const options = { subject: repository, level: 'error', cause: error } as const;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return temporary(
      'cvmfs.no_space',
      `${repository}: no space (or no inode, or quota) is left to write.`,
      options,
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return temporary(
      'cvmfs.not_writable',
      `${repository} cannot be written by this user (${code}).`,
      options,
    );
  }
  return temporary('cvmfs.disk_failed', `${repository}: ${messageOf(error)}`, options);
}

function codeOf(error: unknown): unknown {
  // A program such as cp says it in words.
  if (messageOf(error).includes('No space left on device')) return 'ENOSPC';
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return String(hasMessage ? error.message : error);
}
