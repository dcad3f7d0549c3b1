/** `ENOSPC` and the like, of what the disk or a stream threw. */
export const diskCodeOf = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
