/** What one check found. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do about it, where something is to be done. */
  readonly advice?: string;
}

/** A check that found nothing to do. */
export const ok = (name: string, detail: string): Finding => ({ name, state: 'ok', detail });

/** What works and should be mended all the same: it leaves the exit code at 0. */
export const warn = (name: string, detail: string, advice: string): Finding => ({
  name,
  state: 'warn',
  detail,
  advice,
});

/** What does not work: the doctor ends with exit code 1. */
export const fail = (name: string, detail: string, advice: string): Finding => ({
  name,
  state: 'fail',
  detail,
  advice,
});

/** A check that never throws: what it could not do is a finding. */
export async function check(name: string, advice: string, work: () => Promise<Finding>): Promise<Finding> {
  try {
    return await work();
  } catch (error) {
    return fail(name, error instanceof Error ? error.message : String(error), advice);
  }
}

/** Where a URL leads, without user name or password. */
export function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return 'an address that is no URL';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
