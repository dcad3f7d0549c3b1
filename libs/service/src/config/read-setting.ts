import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { Setting } from './setting.js';

/** `process.env`, or what stands for it in a test. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with a variable; the message never holds the value of a secret. */
export interface SettingIssue {
  /** The variable at fault, as the person who sets it knows it. */
  readonly name: string;
  readonly message: string;
}

/** All that is wrong with a setting at once, so that a start fails with the whole list. */
export type SettingResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: SettingIssue[] };

/** One setting from the environment. A variable that is empty counts as not set: compose files set them so. */
export function readSetting(setting: Setting, environment: Environment): SettingResult {
  const source = textOf(setting, environment);
  if ('issue' in source) return { ok: false, issues: [source.issue] };
  const parsed = setting.schema.safeParse(source.text ?? setting.default);
  if (parsed.success) return { ok: true, value: parsed.data };
  const missing = source.text === undefined && setting.default === undefined;
  return {
    ok: false,
    issues: missing
      ? [{ name: setting.env, message: missingMessage(setting) }]
      : parsed.error.issues.map((issue) => ({
          name: source.name,
          message: describe(issue, setting, source.text),
        })),
  };
}

type Source = { readonly name: string; readonly text: string | undefined } | { readonly issue: SettingIssue };

function textOf(setting: Setting, environment: Environment): Source {
  const text = environment[setting.env]?.trim() || undefined;
  if (!setting.secret) return { name: setting.env, text };
  const name = `${setting.env}_FILE`;
  const path = environment[name]?.trim();
  if (!path) return { name: setting.env, text };
  if (text !== undefined)
    return { issue: { name, message: `is set beside ${setting.env}; set one of them` } };
  try {
    return { name, text: readFileSync(path, 'utf8').trim() || undefined };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { issue: { name, message: `cannot read ${path}: ${code}` } };
  }
}

function missingMessage(setting: Setting): string {
  const file = setting.secret ? ` (or ${setting.env}_FILE)` : '';
  return `is not set${file}: ${setting.description}`;
}

function describe(issue: z.core.$ZodIssue, setting: Setting, text: string | undefined): string {
  const got = setting.secret || text === undefined ? '' : `, got ${JSON.stringify(text)}`;
  return `${issue.message}${got}`;
}
