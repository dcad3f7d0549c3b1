import {
  backendResource,
  type BackendSettings,
  credentialResource,
  type CredentialSettings,
  identityMappingResource,
  type IdentityMappingSettings,
  projectResource,
  type ProjectSettings,
  type SecretReference,
} from '#contracts';
import { permanent } from '#errors';
import type { RegistryCopy } from '#registry-copy';
import type { Runtime } from '#service';
import { loadSlipwayFile, resolveSecret } from '#settings';

/** What the submitter is told to do, as it is now. */
export interface Configured {
  readonly backends: readonly BackendSettings[];
  project(name: string): ProjectSettings | undefined;
  backend(name: string): BackendSettings | undefined;
  readonly identityMappings: readonly IdentityMappingSettings[];
  credential(name: string): CredentialSettings | undefined;
  /**
   * The secret of a credential, as it counts now.
   * @throws AppError `settings.secret_missing` (permanent), never with a value
   */
  secretOf(credential: string, purpose: string): string;
  /** Has `listener` called after each change. */
  onChange(listener: () => void): void;
}

/** What the registry says, from this process's copy of it; without one what slipway.yml says. */
export function configuredBy(
  copy: RegistryCopy | undefined,
  file: string,
  scrubber: Runtime['scrubber'],
): Configured {
  return copy ? byCopy(copy) : byFile(file, scrubber);
}

function byCopy(copy: RegistryCopy): Configured {
  return {
    get backends() {
      return copy.all(backendResource).map(({ settings }) => settings);
    },
    get identityMappings() {
      return copy.all(identityMappingResource).map(({ settings }) => settings);
    },
    project: (name) => copy.find(projectResource, name)?.settings,
    backend: (name) => copy.find(backendResource, name)?.settings,
    credential: (name) => copy.find(credentialResource, name)?.settings,
    secretOf: (credential, purpose) => {
      const [newest] = copy.secretsOf(credential);
      if (!newest) throw missing(credential, 'has no secret that counts');
      copy.used(newest, purpose);
      return newest.secret;
    },
    onChange: (listener) => copy.onChange(listener),
  };
}

function byFile(path: string, scrubber: Runtime['scrubber']): Configured {
  const file = loadSlipwayFile(path);
  const named = <T extends { readonly name: string }>(list: readonly T[], name: string): T | undefined =>
    list.find((each) => each.name === name);
  const read = (reference: SecretReference): string => {
    const secret = resolveSecret(reference);
    scrubber.learn(secret);
    return secret;
  };
  return {
    backends: file.backends,
    identityMappings: file.identityMappings,
    project: (name) => named(file.projects, name),
    backend: (name) => named(file.backends, name),
    credential: (name) => named(file.credentials, name),
    secretOf: (name) => {
      const credential = named(file.credentials, name);
      if (!credential?.secret) throw missing(name, credential ? 'names no secret' : 'is not in slipway.yml');
      return read(credential.secret);
    },
    onChange: () => {},
  };
}

const missing = (credential: string, why: string): Error =>
  permanent('settings.secret_missing', `the credential ${credential} ${why}`, { subject: credential });
