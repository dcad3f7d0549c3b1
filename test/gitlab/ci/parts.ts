import {
  type ArtifactDefinition,
  type CacheDefinition,
  type Entry,
  type ImageDefinition,
} from './definition.js';
import { reportFormats, reportNames } from './reports.js';

/** A plain value as text. Throws for a list or a mapping. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`not a text: ${JSON.stringify(value)}`);
}

/** A list of names, or one name. */
export function names(value: unknown): readonly string[] {
  return [value].flat().map(String);
}

/** The lines of a script: a text, or a list of texts and lists. */
export function lines(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  return [value].flat(10).map(String);
}

/** An image or a service, by name or as a mapping. */
export function imageOf(value: unknown): ImageDefinition | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return { name: value };
  const entry = value as Entry;
  const list = (key: string): Readonly<Record<string, readonly string[]>> =>
    entry[key] === undefined ? {} : { [key]: names(entry[key]) };
  const variables = Object.entries((entry['variables'] ?? {}) as Record<string, unknown>);
  return {
    name: textOf(entry['name']),
    ...(entry['alias'] === undefined ? {} : { alias: textOf(entry['alias']) }),
    ...list('entrypoint'),
    ...list('command'),
    ...list('pull_policy'),
    ...(variables.length === 0
      ? {}
      : { variables: variables.map(([key, value]) => ({ key, value: String(value), public: true })) }),
  };
}

/** The archive first, then a part for each report; null without `artifacts`. */
export function artifactsOf(value: unknown): readonly ArtifactDefinition[] | null {
  if (value === undefined || value === null) return null;
  const entry = value as Entry;
  const expireIn = entry['expire_in'] === undefined ? null : textOf(entry['expire_in']);
  const archive: ArtifactDefinition = {
    name: entry['name'] === undefined ? null : textOf(entry['name']),
    untracked: entry['untracked'] === undefined ? null : entry['untracked'] === true,
    paths: entry['paths'] === undefined ? null : names(entry['paths']),
    ...(entry['exclude'] === undefined ? {} : { exclude: names(entry['exclude']) }),
    when: entry['when'] === undefined ? null : textOf(entry['when']),
    expire_in: expireIn,
    artifact_type: 'archive',
    artifact_format: 'zip',
  };
  const reports = Object.entries((entry['reports'] ?? {}) as Entry).map(([keyword, paths]) =>
    reportOf(keyword, paths, expireIn),
  );
  return archive.untracked === true || archive.paths !== null ? [archive, ...reports] : reports;
}

function reportOf(keyword: string, value: unknown, expireIn: string | null): ArtifactDefinition {
  const coverage = value as { readonly coverage_format?: string; readonly path?: string };
  const type = keyword === 'coverage_report' ? String(coverage.coverage_format) : keyword;
  const format = reportFormats[type];
  if (format === undefined) throw new Error(`artifacts:reports config contains unknown keys: ${keyword}`);
  return {
    name: reportNames[type] ?? null,
    untracked: null,
    paths: keyword === 'coverage_report' ? [String(coverage.path)] : names(value),
    when: 'always',
    expire_in: expireIn,
    artifact_type: type,
    artifact_format: format,
  };
}

/** One cache or a list of them; `files` of a key are not known here. Keys end as on protected branches. */
export function cachesOf(value: unknown): readonly CacheDefinition[] {
  if (value === undefined || value === null) return [];
  return [value].flat().map((each) => {
    const entry = each as Entry;
    return {
      key: `${typeof entry['key'] === 'string' ? entry['key'] : 'default'}-protected`,
      untracked: entry['untracked'] === true,
      paths: names(entry['paths'] ?? []),
      policy: textOf(entry['policy'] ?? 'pull-push'),
      when: textOf(entry['when'] ?? 'on_success'),
      fallback_keys: names(entry['fallback_keys'] ?? []),
    };
  });
}
