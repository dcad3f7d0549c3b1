import {
  gitlabServerResource,
  type GitLabServerSettings,
  type ImageRule,
  imageRuleResource,
  projectResource,
  type ProjectSettings,
  runnerResource,
  type RunnerSettings,
} from '#contracts';
import type { SettingsSource } from '#settings';

/** What the bridge is told to do, as it is now. */
export interface Configured {
  readonly runners: readonly RunnerSettings[];
  readonly projects: readonly ProjectSettings[];
  readonly imageRules: readonly ImageRule[];
  readonly gitlabServers: readonly GitLabServerSettings[];
  gitlab(name: string): GitLabServerSettings | undefined;
  /**
   * The secret of a credential, as it counts now.
   * @throws AppError `settings.secret_missing` (permanent), never with a value
   */
  secretOf(credential: string, purpose: string): string;
  /** Has `listener` called after each change. */
  onChange(listener: () => void): void;
}

/** The kinds of resources that the bridge keeps a copy of. */
export const copiedKinds = ['runner', 'gitlab_server', 'project', 'image_rule', 'credential'] as const;

/** The bridge's part of what is configured. */
export function configuredBy({ all, find, secretOf, onChange }: SettingsSource): Configured {
  return {
    get runners() {
      return all(runnerResource);
    },
    get projects() {
      return all(projectResource);
    },
    get imageRules() {
      return all(imageRuleResource);
    },
    get gitlabServers() {
      return all(gitlabServerResource);
    },
    gitlab: (name) => find(gitlabServerResource, name),
    secretOf,
    onChange,
  };
}
