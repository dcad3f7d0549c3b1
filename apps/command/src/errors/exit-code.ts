import type { AppError } from '#errors';

/** What scripts can tell apart. The descriptions are the reference, in help and in docs/command.md. */
export const exitCodes = {
  ok: { code: 0, means: 'done' },
  failed: { code: 1, means: 'failed, or the check found a fault' },
  usage: { code: 2, means: 'wrong usage, or what was handed in is invalid' },
  notFound: { code: 3, means: 'there is no such thing' },
  refused: { code: 4, means: 'not signed in, or not allowed to' },
  conflict: { code: 5, means: 'somebody else changed it, it exists already, or others name it' },
  unreachable: { code: 6, means: 'the registry cannot be reached, or has no database' },
  interrupted: { code: 130, means: 'ended by Ctrl-C' },
} as const;

const ofCode: Readonly<Record<string, keyof typeof exitCodes>> = {
  'command.usage': 'usage',
  'command.not_found': 'notFound',
  'command.not_signed_in': 'refused',
  'command.conflict': 'conflict',
  'command.unreachable': 'unreachable',
  'command.interrupted': 'interrupted',
  'settings.invalid': 'usage',
  'settings.secret_missing': 'usage',
};

const ofStatus: Readonly<Record<number, keyof typeof exitCodes>> = {
  400: 'usage',
  401: 'refused',
  403: 'refused',
  404: 'notFound',
  409: 'conflict',
  412: 'conflict',
  413: 'usage',
  415: 'usage',
  422: 'usage',
  428: 'conflict',
  502: 'unreachable',
  503: 'unreachable',
  504: 'unreachable',
};

/** The exit code for an error, and the HTTP status where the registry answered. */
export function exitCodeOf(error: AppError, status?: number): number {
  const name = ofCode[error.code] ?? (status === undefined ? undefined : ofStatus[status]) ?? 'failed';
  return exitCodes[name].code;
}
