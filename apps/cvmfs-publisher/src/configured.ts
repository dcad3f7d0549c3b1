import {
  containerRegistryResource,
  type CvmfsRepositorySettings,
  cvmfsRepositoryResource,
  type ImageRule,
  imageRuleResource,
  type RegistrySettings,
  type SecretReference,
} from '#contracts';
import type { RegistryCopy } from '#registry-copy';
import type { Runtime } from '#service';
import { resolveSecret, settingsSource } from '#settings';

/** What the publisher is told to do, as it is now. */
export interface Configured {
  readonly imageRules: readonly ImageRule[];
  readonly cvmfsRepositories: readonly CvmfsRepositorySettings[];
  readonly registries: readonly RegistrySettings[];
  /** @throws AppError `settings.secret_missing` (permanent), never with a value */
  readonly resolve: (reference: SecretReference) => string;
  /** To be told when the other side took the secret that `resolve` gave. */
  readonly used: (reference: SecretReference, secret: string, purpose: string) => void;
  /** Has `listener` called after each change. */
  readonly onChange: (listener: () => void) => void;
}

/** The publisher's part of what the registry says, by this process's copy of it, or without one of what slipway.yml says. */
export function configuredBy(
  copy: RegistryCopy | undefined,
  file: string,
  scrubber: Runtime['scrubber'],
): Configured {
  const { all, secretOf, onChange } = settingsSource(copy, file, scrubber);
  const outside = (reference: SecretReference): string => {
    const secret = resolveSecret(reference);
    scrubber.learn(secret);
    return secret;
  };
  return {
    get imageRules() {
      return all(imageRuleResource);
    },
    get cvmfsRepositories() {
      return all(cvmfsRepositoryResource);
    },
    get registries() {
      return all(containerRegistryResource);
    },
    resolve: (reference) =>
      copy && 'credential' in reference ? secretOf(reference.credential) : outside(reference),
    used: (reference, secret, purpose) => {
      const known = copy && 'credential' in reference ? copy.secretsOf(reference.credential) : [];
      const it = known.find((each) => each.secret === secret);
      if (it) copy?.used(it, purpose);
    },
    onChange,
  };
}
