/**
 * To standard error, past the log: it is for whoever starts the service, not for where logs are gathered and kept. A key
 * that must not appear even there is given by the settings instead.
 */
export function showBootstrapKey(key: string, expiresAt: Date): void {
  process.stderr.write(
    [
      '',
      'Nobody is an admin here yet. This key makes the first one, once: exchange it by POST /api/v1/api-keys,',
      `or enter it on the sign-in page, until ${expiresAt.toISOString()}. After that a start prints a new one.`,
      '',
      `    ${key}`,
      '',
      '',
    ].join('\n'),
  );
}
