import { createHash } from 'node:crypto';
import type { SecretReference } from '#contracts';
import { permanent, toAppError } from '#errors';
import { resolveSecret, secretName } from '#settings';
import type { PlaceOf } from '../../clients/problem-error.js';

type Path = Parameters<PlaceOf>[0];
type Written = Readonly<Record<string, unknown>>;

/** slipway.yml as it was written: a list per section. */
export type WrittenFile = Readonly<Record<string, readonly Written[] | null | undefined>>;

/**
 * The file as the registry takes it: the secrets of credentials are read from where they are, and those that sources
 * and registries name themselves become credentials, with a name that stays the same as long as the reference does.
 * @throws AppError `settings.secret_missing`, one line for each that is not there.
 */
export function liftSecrets(
  file: WrittenFile,
  placeOf: PlaceOf,
): Readonly<Record<string, readonly Written[]>> {
  const lifting = new Lifting(placeOf);
  const entries = (section: string): readonly Written[] => file[section] ?? [];
  const sources = entries('sources').map((source, index) => lifting.source(source, index));
  const registries = entries('registries').map((registry, index) => lifting.registry(registry, index));
  const own = entries('credentials').map((credential, index) => lifting.credential(credential, index));
  if (lifting.faults.length > 0) throw permanent('settings.secret_missing', lifting.faults.join('\n'));
  const whole = { ...file, sources, registries, credentials: [...own, ...lifting.made] };
  const present = Object.entries(whole).filter(
    ([section, list]) => Array.isArray(list) && (section in file || list.length > 0),
  );
  return Object.fromEntries(present) as Readonly<Record<string, readonly Written[]>>;
}

/** Goes through the entries of a file; collects the credentials that are made, and the secrets that are missing. */
class Lifting {
  readonly made: Written[] = [];
  readonly faults: string[] = [];

  constructor(private readonly placeOf: PlaceOf) {}

  source(source: Written, index: number): Written {
    const { name } = source;
    const credential = { type: 'webhook-secret', description: madeFor('source', name) };
    const secrets = list(source['secrets']).map((reference, place) =>
      this.lift(String(name), credential, reference, ['sources', index, 'secrets', place]),
    );
    return { ...source, secrets };
  }

  registry({ password, token, ...rest }: Written, index: number): Written {
    const { host, username } = rest;
    const lifted = (field: string, reference: unknown, user: unknown): Written => {
      if (reference === undefined) return {};
      const login = {
        type: 'registry-login',
        username: typeof user === 'string' ? user : 'token',
        description: madeFor('registry', host),
      };
      return { [field]: this.lift(String(host), login, reference, ['registries', index, field]) };
    };
    return { ...rest, ...lifted('password', password, username), ...lifted('token', token, 'token') };
  }

  credential(credential: Written, index: number): Written {
    const { secret, ...rest } = credential;
    if (secret === undefined) return rest;
    return isLocal(secret)
      ? { ...rest, secret: this.read(secret, ['credentials', index, 'secret']) }
      : credential;
  }

  private lift(owner: string, credential: Written, reference: unknown, path: Path): unknown {
    if (!isLocal(reference)) return reference;
    const name = derivedName(owner, reference);
    if (!this.made.some((each) => each['name'] === name))
      this.made.push({ name, ...credential, secret: this.read(reference, path) });
    return { credential: name };
  }

  private read(reference: SecretReference, path: Path): string {
    try {
      return resolveSecret(reference, this.placeOf(path));
    } catch (error) {
      this.faults.push(toAppError(error).message);
      return '';
    }
  }
}

const madeFor = (what: string, name: unknown): string => `made by slipway apply for ${what} ${String(name)}`;

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isLocal = (value: unknown): value is Exclude<SecretReference, { credential: string }> =>
  typeof value === 'object' && value !== null && ('env' in value || 'file' in value);

const longest = 64;

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
  return `${words.slice(0, longest - mark.length - 1).replace(/[^a-z0-9]+$/, '')}-${mark}`;
}
