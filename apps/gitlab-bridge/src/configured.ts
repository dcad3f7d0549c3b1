import {
  credentialResource,
  gitlabServerResource,
  type GitLabServerSettings,
  identityMappingResource,
  type IdentityMappingSettings,
  type ImageRule,
  imageRuleResource,
  projectResource,
  type ProjectSettings,
  runnerResource,
  type RunnerSettings,
} from '#contracts';
import { permanent } from '#errors';
import type { RegistryCopy } from '#registry-copy';
import type { Runtime } from '#service';
import { loadSlipwayFile, resolveSecret } from '#settings';

/** What the bridge is told to do, as it is now. */
export interface Configured {
  readonly runners: readonly RunnerSettings[];
  readonly projects: readonly ProjectSettings[];
  readonly identityMappings: readonly IdentityMappingSettings[];
  readonly imageRules: readonly ImageRule[];
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
export const copiedKinds = [
  'runner',
  'gitlab_server',
  'project',
  'identity_mapping',
  'image_rule',
  'credential',
] as const;

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
    get runners() {
      return copy.all(runnerResource).map(({ settings }) => settings);
    },
    get projects() {
      return copy.all(projectResource).map(({ settings }) => settings);
    },
    get identityMappings() {
      return copy.all(identityMappingResource).map(({ settings }) => settings);
    },
    get imageRules() {
      return copy.all(imageRuleResource).map(({ settings }) => settings);
    },
    gitlab: (name) => copy.find(gitlabServerResource, name)?.settings,
    secretOf: (credential, purpose) => {
      const [newest] = copy.secretsOf(credential);
      if (!newest) {
        const known = copy.find(credentialResource, credential) !== undefined;
        throw missing(credential, known ? 'has no secret that counts' : 'is not registered');
      }
      copy.used(newest, purpose);
      return newest.secret;
    },
    onChange: (listener) => copy.onChange(listener),
  };
}

function byFile(path: string, scrubber: Runtime['scrubber']): Configured {
  const file = loadSlipwayFile(path);
  const { runners, projects, identityMappings, imageRules } = file;
  return {
    runners,
    projects,
    identityMappings,
    imageRules,
    gitlab: (name) => file.gitlabServers.find((one) => one.name === name),
    secretOf: (name) => {
      const credential = file.credentials.find((one) => one.name === name);
      if (!credential?.secret) throw missing(name, credential ? 'names no secret' : 'is not in slipway.yml');
      const secret = resolveSecret(credential.secret);
      scrubber.learn(secret);
      return secret;
    },
    onChange: () => {},
  };
}

const missing = (credential: string, why: string): Error =>
  permanent('settings.secret_missing', `the credential ${credential} ${why}`, { subject: credential });
