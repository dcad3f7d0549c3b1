import { credentialResource, type Resource, type SettingsOf } from '#contracts';
import { permanent } from '#errors';
import { loadSlipwayFile } from './loading/load-slipway-file.js';
import { resolveSecret } from './secret-reference.js';
import type { SlipwayFile } from './slipway-file.js';

/** What is configured, as it is now, wherever that is kept. */
export interface SettingsSource {
  readonly all: <R extends Resource>(resource: R) => readonly SettingsOf<R>[];
  readonly find: <R extends Resource>(resource: R, name: string) => SettingsOf<R> | undefined;
  /**
   * The secret of a credential, as it counts now. The registry is told that it is used for `purpose`, where one is named.
   * @throws AppError `settings.secret_missing` (permanent), never with a value
   */
  readonly secretOf: (credential: string, purpose?: string) => string;
  /** Has `listener` called after each change. */
  readonly onChange: (listener: () => void) => void;
}

/** A process's copy of what the registry keeps; `RegistryCopy` of #registry-copy is one. */
export interface SettingsCopy {
  all<R extends Resource>(resource: R): readonly { readonly settings: SettingsOf<R> }[];
  find<R extends Resource>(resource: R, name: string): { readonly settings: SettingsOf<R> } | undefined;
  secretsOf(credential: string): readonly UsedSecret[];
  used(secret: UsedSecret, purpose: string): void;
  onChange(listener: () => void): void;
}

interface UsedSecret {
  readonly id: string;
  readonly credential: string;
  readonly secret: string;
}

/** Told each secret before anybody has it, so that it is kept out of logs. */
interface Scrubber {
  learn(secret: string): void;
}

/**
 * What the registry says, from this process's copy of it; without one what slipway.yml says, which never changes.
 * @throws AppError `settings.invalid` (permanent) as `loadSlipwayFile` does
 */
export function settingsSource(
  copy: SettingsCopy | undefined,
  file: string,
  scrubber: Scrubber,
): SettingsSource {
  return copy ? fromCopy(copy) : fromFile(loadSlipwayFile(file), scrubber);
}

function fromCopy(copy: SettingsCopy): SettingsSource {
  return {
    all: (resource) => copy.all(resource).map(({ settings }) => settings),
    find: (resource, name) => copy.find(resource, name)?.settings,
    secretOf: (credential, purpose) => {
      const [newest] = copy.secretsOf(credential);
      if (!newest) {
        const isKnown = copy.find(credentialResource, credential) !== undefined;
        throw missing(credential, isKnown ? 'has no secret that counts' : 'is not registered');
      }
      if (purpose !== undefined) copy.used(newest, purpose);
      return newest.secret;
    },
    onChange: (listener) => copy.onChange(listener),
  };
}

function fromFile(file: SlipwayFile, scrubber: Scrubber): SettingsSource {
  const sections: Readonly<Record<string, readonly unknown[]>> = file;
  const all = <R extends Resource>(resource: R): readonly SettingsOf<R>[] =>
    sections[resource.section] as readonly SettingsOf<R>[];
  return {
    all,
    find: (resource, name) => all(resource).find((each) => resource.nameOf(each) === name),
    secretOf: (name) => {
      const credential = file.credentials.find((each) => each.name === name);
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
