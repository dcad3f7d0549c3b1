import {
  backendResource,
  type BackendSettings,
  credentialResource,
  type CredentialSettings,
  identityMappingResource,
  type IdentityMappingSettings,
  projectResource,
  type ProjectSettings,
} from '#contracts';
import type { SettingsSource } from '#settings';

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

/** The submitter's part of what is configured. */
export function configuredBy({ all, find, secretOf, onChange }: SettingsSource): Configured {
  return {
    get backends() {
      return all(backendResource);
    },
    get identityMappings() {
      return all(identityMappingResource);
    },
    project: (name) => find(projectResource, name),
    backend: (name) => find(backendResource, name),
    credential: (name) => find(credentialResource, name),
    secretOf,
    onChange,
  };
}
