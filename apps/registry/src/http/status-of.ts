import type { AppError } from '#errors';

/** The status of each error that is the asker's own. By the whole code, else by its last word. */
const byCode: Readonly<Record<string, number>> = {
  'access.forbidden': 403,
  'access.undeclared_route': 500,
  'request.malformed': 400,
  'request.invalid_parameters': 400,
  'request.invalid': 422,
  'request.version_missing': 428,
  'resource.exists': 409,
  'resource.in_use': 409,
  'resource.version_differs': 412,
  'idempotency.other_request': 422,
  'image.no_rule': 422,
  'delivery.under_way': 409,
  'project.unknown': 422,
  'project.limit_exceeded': 422,
  'backend.missing': 422,
  'backend.unknown': 422,
  'backend.command_not_allowed': 422,
  'identity.unmapped': 422,
  'identity.credential_missing': 422,
  'identity.credential_foreign': 422,
};

const byLastWord: Readonly<Record<string, number>> = {
  not_found: 404,
  exists: 409,
  forbidden: 403,
  invalid: 422,
  unknown_reference: 422,
};

/** The HTTP status of an error: only here an error becomes one. What is not the asker's fault is 503 or 500. */
export function statusOf({ code, temporary }: AppError): number {
  if (temporary) return code === 'internal.unexpected' ? 500 : 503;
  const known = byCode[code] ?? byLastWord[code.slice(code.lastIndexOf('.') + 1)];
  return known ?? (code.startsWith('access.') ? 401 : 500);
}
