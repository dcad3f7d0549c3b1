import { createHash } from 'node:crypto';

/**
 * The id of a job: made from its place in its group, so that whoever knows the group knows it too. A UUID of version 8
 * (RFC 9562).
 */
export const jobIdOf = (groupId: string, index: number): string => derived(`job\n${groupId}\n${index}`);

/** The id of an attempt, from its job and its number, which begins with 1. */
export const attemptIdOf = (jobId: string, attempt: number): string =>
  derived(`attempt\n${jobId}\n${attempt}`);

function derived(name: string): string {
  const bytes = createHash('sha256').update(`slipway\n${name}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
