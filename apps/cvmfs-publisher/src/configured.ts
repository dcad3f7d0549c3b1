import {
  containerRegistryResource,
  type CvmfsRepositorySettings,
  cvmfsRepositoryResource,
  type ImageRule,
  imageRuleResource,
  type RegistrySettings,
  type SecretReference,
} from '#contracts';
import { permanent } from '#errors';
import type { RegistryCopy } from '#registry-copy';
import type { Runtime } from '#service';
import { loadSlipwayFile, resolveSecret } from '#settings';

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

/** What the registry says, from this process's copy of it; without one what slipway.yml says. */
export function configuredBy(
  copy: RegistryCopy | undefined,
  file: string,
  scrubber: Runtime['scrubber'],
): Configured {
  const outside = (reference: SecretReference): string => {
    const secret = resolveSecret(reference);
    scrubber.learn(secret);
    return secret;
  };
  if (!copy) return { ...loadSlipwayFile(file), resolve: outside, used: () => {}, onChange: () => {} };
  return {
    get imageRules() {
      return copy.all(imageRuleResource).map(({ settings }) => settings);
    },
    get cvmfsRepositories() {
      return copy.all(cvmfsRepositoryResource).map(({ settings }) => settings);
    },
    get registries() {
      return copy.all(containerRegistryResource).map(({ settings }) => settings);
    },
    resolve: (reference) =>
      'credential' in reference ? newest(copy, reference.credential) : outside(reference),
    used: (reference, secret, purpose) => {
      const known = 'credential' in reference ? copy.secretsOf(reference.credential) : [];
      const it = known.find((each) => each.secret === secret);
      if (it) copy.used(it, purpose);
    },
    onChange: (listener) => copy.onChange(listener),
  };
}

function newest(copy: RegistryCopy, credential: string): string {
  const [secret] = copy.secretsOf(credential);
  if (secret) return secret.secret;
  const text = `the credential ${credential} has no secret that counts`;
  throw permanent('settings.secret_missing', text, { subject: credential });
}
