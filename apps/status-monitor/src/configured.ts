import {
  backendResource,
  type BackendSettings,
  credentialResource,
  type CredentialSettings,
  projectResource,
  type ProjectSettings,
  type SecretReference,
} from '#contracts';
import { permanent } from '#errors';
import type { RegistryCopy } from '#registry-copy';
import type { Runtime } from '#service';
import { loadSlipwayFile, resolveSecret } from '#settings';

/** What the monitor is told of the grid, as it is now. */
export interface Configured {
  readonly backends: readonly BackendSettings[];
  readonly projects: readonly ProjectSettings[];
  readonly credentials: readonly CredentialSettings[];
  /**
   * The newest secret of a credential.
   * @throws AppError `settings.secret_missing` (permanent), never with a value
   */
  readonly secretOf: (credential: string) => string;
  /** Has `listener` called after each change. */
  readonly onChange: (listener: () => void) => void;
}

/** What the registry says, from this process's copy of it; without one what slipway.yml says. */
export function configuredBy(
  copy: RegistryCopy | undefined,
  file: string,
  scrubber: Runtime['scrubber'],
): Configured {
  if (!copy) return fromFile(file, scrubber);
  return {
    get backends() {
      return copy.all(backendResource).map(({ settings }) => settings);
    },
    get projects() {
      return copy.all(projectResource).map(({ settings }) => settings);
    },
    get credentials() {
      return copy.all(credentialResource).map(({ settings }) => settings);
    },
    secretOf: (credential) => copy.secretsOf(credential)[0]?.secret ?? missing(credential),
    onChange: (listener) => copy.onChange(listener),
  };
}

function fromFile(file: string, scrubber: Runtime['scrubber']): Configured {
  const { backends, projects, credentials } = loadSlipwayFile(file);
  const references = new Map<string, SecretReference | undefined>(
    credentials.map(({ name, secret }) => [name, secret]),
  );
  const secretOf = (credential: string): string => {
    const reference = references.get(credential);
    if (!reference) return missing(credential);
    const secret = resolveSecret(reference);
    scrubber.learn(secret);
    return secret;
  };
  return { backends, projects, credentials, secretOf, onChange: () => {} };
}

function missing(credential: string): never {
  const text = `the credential ${credential} has no secret that counts`;
  throw permanent('settings.secret_missing', text, { subject: credential });
}
