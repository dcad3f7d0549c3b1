import { stat } from 'node:fs/promises';

/** Whether a file is there; one that cannot be looked at is not, for it is made anew then. */
export const exists = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined)) !== undefined;
