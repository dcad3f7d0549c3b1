import { createHash } from 'node:crypto';

const letters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * What GitLab knows a runner's machine by, `^[sr]_[0-9a-zA-Z]{12}$`. All copies of the service are one machine to it, so
 * it is derived from what they share.
 */
export function systemIdOf(house: string, runner: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(['gitlab-runner', house, runner]))
    .digest();
  return `s_${[...digest.subarray(0, 12)].map((byte) => letters[byte % letters.length]).join('')}`;
}
