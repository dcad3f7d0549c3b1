import { z } from 'zod';
import { type Environment, readSetting, type SettingIssue } from './read-setting.js';
import type { Setting } from './setting.js';
import { permanent } from '#errors';

/** The settings of a service or of a library, by the name that its code has for each. */
export type Settings = Readonly<Record<string, Setting>>;

/** What a service's configuration is once read: one value per setting. */
export type ValuesOf<T extends Settings> = { readonly [K in keyof T]: z.output<T[K]['schema']> };

/** A service's settings and how they are read; made by {@link defineConfig}. */
export interface ConfigDefinition<T extends Settings = Settings> {
  readonly settings: T;
  /**
   * Every setting from the environment, frozen.
   * @throws AppError `config.invalid` (permanent) that names every setting at fault, never a value of a secret.
   */
  read(environment: Environment): ValuesOf<T>;
  /** The values that must not be seen in a log. */
  secretsOf(values: ValuesOf<T>): readonly string[];
}

/** The configuration of the service whose `config.ts` this is. Nothing else reads the environment. */
export function defineConfig<const T extends Settings>(settings: T): ConfigDefinition<T> {
  return Object.freeze({
    settings,
    read: (environment: Environment) => readAll(settings, environment),
    secretsOf: (values: ValuesOf<T>) =>
      Object.entries(settings).flatMap(([key, setting]) => {
        const value: unknown = values[key];
        const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
        return setting.secret ? texts.filter((text) => typeof text === 'string') : [];
      }),
  });
}

function readAll<T extends Settings>(settings: T, environment: Environment): ValuesOf<T> {
  const values: Record<string, unknown> = {};
  const issues: SettingIssue[] = [];
  for (const [key, setting] of Object.entries(settings)) {
    const result = readSetting(setting, environment);
    if (result.ok) values[key] = result.value;
    else issues.push(...result.issues);
  }
  if (issues.length > 0) {
    const lines = issues.map((issue) => `${issue.name}: ${issue.message}`);
    throw permanent('config.invalid', lines.join('\n'));
  }
  return Object.freeze(values) as ValuesOf<T>;
}
