import { createHash } from 'node:crypto';
import type { SecretReference } from '#contracts';
import { permanent, toAppError } from '#errors';
import { resolveSecret, secretName } from '#settings';

type Written = Readonly<Record<string, unknown>>;

/** slipway.yml as it was written: a list per section. */
export type WrittenFile = Readonly<Record<string, readonly Written[] | null | undefined>>;

/**
 * The file as the registry takes it: the secrets of credentials are read from where they are, and those that sources
 * and registries name themselves become credentials, with a name that stays the same as long as the reference does.
 * @throws AppError `settings.secret_missing`, one line for each that is not there.
 */
export function liftSecrets(file: WrittenFile): Readonly<Record<string, readonly Written[]>> {
  const faults: string[] = [];
  const lifted: Written[] = [];
  const lift = (owner: string, credential: Written, reference: unknown): unknown => {
    if (!isLocal(reference)) return reference;
    const name = derivedName(owner, reference);
    if (!lifted.some((each) => each['name'] === name)) {
      lifted.push({ name, ...credential, secret: read(reference, owner, faults) });
    }
    return { credential: name };
  };
  const sources = (file['sources'] ?? []).map((source) => ({
    ...source,
    secrets: list(source['secrets']).map((reference) =>
      lift(
        String(source['name']),
        { type: 'webhook-secret', description: madeFor('source', source['name']) },
        reference,
      ),
    ),
  }));
  const registries = (file['registries'] ?? []).map((registry) => {
    const login = (username: unknown): Written => ({
      type: 'registry-login',
      username: typeof username === 'string' ? username : 'token',
      description: madeFor('registry', registry['host']),
    });
    const { password, token, ...rest } = registry;
    const owner = String(registry['host']);
    return {
      ...rest,
      ...(password === undefined ? {} : { password: lift(owner, login(registry['username']), password) }),
      ...(token === undefined ? {} : { token: lift(owner, login('token'), token) }),
    };
  });
  const credentials = (file['credentials'] ?? []).map((credential) => {
    const { secret, ...rest } = credential;
    if (secret === undefined) return rest;
    return isLocal(secret) ? { ...rest, secret: read(secret, String(rest['name']), faults) } : credential;
  });
  if (faults.length > 0) throw permanent('settings.secret_missing', faults.join('\n'));
  const whole = { ...file, sources, registries, credentials: [...credentials, ...lifted] };
  const present = Object.entries(whole).filter(
    ([section, entries]) => Array.isArray(entries) && (section in file || entries.length > 0),
  );
  return Object.fromEntries(present) as Readonly<Record<string, readonly Written[]>>;
}

const madeFor = (what: string, name: unknown): string => `made by slipway apply for ${what} ${String(name)}`;

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isLocal = (value: unknown): value is Exclude<SecretReference, { credential: string }> =>
  typeof value === 'object' && value !== null && ('env' in value || 'file' in value);

function read(reference: SecretReference, owner: string, faults: string[]): string {
  try {
    return resolveSecret(reference);
  } catch (error) {
    faults.push(`${owner}: ${toAppError(error).message}`);
    return '';
  }
}

const LONGEST = 64;

/** `hub-hub-webhook-secret`: who needs it and where it was, as a name that the registry takes. */
export function derivedName(owner: string, reference: SecretReference): string {
  const place =
    'env' in reference ? reference.env : 'file' in reference ? (reference.file.split('/').at(-1) ?? '') : '';
  const words = `${owner}-${place}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+|_/g, '-')
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  // Two files of one name in two directories are two secrets; so are two references that look alike once cut.
  const mark = createHash('sha256').update(secretName(reference)).digest('hex').slice(0, 6);
  return `${words.slice(0, LONGEST - mark.length - 1).replace(/[^a-z0-9]+$/, '')}-${mark}`;
}
