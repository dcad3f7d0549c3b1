/** Code and message of an error of Node's own, whichever realm its class comes from; the code is empty for others. */
export function systemError(error: unknown): { code: string; message: string } {
  if (typeof error !== 'object' || error === null) return { code: '', message: String(error) };
  const code = 'code' in error ? String(error.code) : '';
  const message = 'message' in error ? String(error.message) : 'unknown error';
  return { code, message };
}
