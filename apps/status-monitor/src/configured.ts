import {
  backendResource,
  type BackendSettings,
  credentialResource,
  type CredentialSettings,
  projectResource,
  type ProjectSettings,
} from '#contracts';
import type { SettingsSource } from '#settings';

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

/** The monitor's part of what is configured. */
export function configuredBy({ all, secretOf, onChange }: SettingsSource): Configured {
  return {
    get backends() {
      return all(backendResource);
    },
    get projects() {
      return all(projectResource);
    },
    get credentials() {
      return all(credentialResource);
    },
    secretOf: (credential) => secretOf(credential),
    onChange,
  };
}
