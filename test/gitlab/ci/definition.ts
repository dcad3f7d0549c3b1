import { parse } from 'yaml';
import { artifactsOf, cachesOf, imageOf, lines, names, textOf } from './parts.js';
import { secondsOf } from './duration.js';

/** An image or a service of a job, as the runner gets it. */
export interface ImageDefinition {
  readonly name: string;
  readonly alias?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly pull_policy?: readonly string[];
  readonly variables?: readonly { readonly key: string; readonly value: string; readonly public: boolean }[];
}

/** An entry of the job's `artifacts` as the runner gets it. */
export interface ArtifactDefinition {
  readonly name: string | null;
  readonly untracked: boolean | null;
  readonly paths: readonly string[] | null;
  readonly exclude?: readonly string[];
  readonly when: string | null;
  readonly expire_in: string | null;
  readonly artifact_type: string;
  readonly artifact_format: string;
}

/** An entry of the job's `cache` as the runner gets it. */
export interface CacheDefinition {
  readonly key: string;
  readonly untracked: boolean;
  readonly paths: readonly string[];
  readonly policy: string;
  readonly when: string;
  readonly fallback_keys: readonly string[];
}

/** One job of a `.gitlab-ci.yml`. */
export interface JobDefinition {
  readonly name: string;
  readonly stage: string;
  readonly stageIndex: number;
  readonly tags: readonly string[];
  readonly when: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly image: ImageDefinition | null;
  readonly services: readonly ImageDefinition[];
  readonly script: readonly string[];
  readonly afterScript: readonly string[];
  readonly artifacts: readonly ArtifactDefinition[] | null;
  readonly cache: readonly CacheDefinition[];
  /** Undefined: the artifacts of all jobs of earlier stages. */
  readonly dependencies: readonly string[] | undefined;
  readonly needs: readonly { readonly job: string; readonly artifacts: boolean }[] | undefined;
  /** Or the exit codes with which it may fail. */
  readonly allowFailure: boolean | readonly number[];
  readonly timeoutSeconds: number;
  readonly hooks: readonly { readonly name: string; readonly script: readonly string[] }[];
  readonly idTokens: Readonly<Record<string, string | readonly string[]>>;
  readonly retries: number;
  readonly environment: string | undefined;
  /** Makes a job that needs `multi_build_steps`. */
  readonly hasRelease: boolean;
}

/** A mapping of the YAML whose values nobody has looked at yet. */
export type Entry = Readonly<Record<string, unknown>>;

const globalKeywords = ['stages', 'variables', 'default', 'workflow', 'include', 'spec'];
const defaultKeywords = [
  'image',
  'services',
  'before_script',
  'after_script',
  'cache',
  'artifacts',
  'retry',
  'timeout',
  'tags',
  'hooks',
  'id_tokens',
  'interruptible',
];

/** The jobs of a `.gitlab-ci.yml`: the keywords that a runner sees; `include`, `rules` and `parallel` are not known here. */
export function definitionsOf(yaml: string): readonly JobDefinition[] {
  const document = parse(yaml, { merge: true }) as Entry;
  const stages = ['.pre', ...names(document['stages'] ?? ['build', 'test', 'deploy']), '.post'];
  const defaults = { ...pick(document, defaultKeywords), ...(document['default'] as Entry | undefined) };
  const jobs = Object.entries(document).filter(
    ([name, entry]) =>
      !name.startsWith('.') &&
      !globalKeywords.includes(name) &&
      !defaultKeywords.includes(name) &&
      typeof entry === 'object' &&
      entry !== null,
  );
  if (jobs.length === 0) throw new Error('jobs config should contain at least one visible job');
  return jobs.map(([name]) => {
    const entry = { ...defaults, ...extended(document, name) };
    return jobOf(name, entry, stages, document['variables']);
  });
}

/** A job with what it extends merged into it: mappings are merged, anything else is replaced. */
function extended(document: Entry, name: string): Entry {
  const own = (document[name] ?? {}) as Entry;
  const parents = names(own['extends'] ?? []).map((parent) => extended(document, parent));
  return [...parents, own].reduce((sum, entry) => merged(sum, entry), {});
}

function merged(into: Entry, from: Entry): Entry {
  const result: Record<string, unknown> = { ...into };
  for (const [key, value] of Object.entries(from)) {
    const before = result[key];
    result[key] = isMapping(before) && isMapping(value) ? merged(before, value) : value;
  }
  return result;
}

function jobOf(name: string, entry: Entry, stages: readonly string[], globals: unknown): JobDefinition {
  const stage = textOf(entry['stage'] ?? 'test');
  if (!stages.includes(stage)) throw new Error(`${name} job: chosen stage ${stage} does not exist`);
  if (entry['script'] === undefined && entry['run'] === undefined) {
    throw new Error(`jobs:${name} config should implement the script:, run:, or trigger: keyword`);
  }
  const needs = entry['needs'] as readonly (string | Entry)[] | undefined;
  const allow = entry['allow_failure'];
  const exitCodes = isMapping(allow) ? [allow['exit_codes'] ?? []].flat().map(Number) : undefined;
  const hooks = (entry['hooks'] ?? {}) as Entry;
  const tokens = Object.entries((entry['id_tokens'] ?? {}) as Record<string, Entry>);
  return {
    name,
    stage,
    stageIndex: stages.indexOf(stage),
    tags: names(entry['tags'] ?? []),
    when: textOf(entry['when'] ?? 'on_success'),
    variables: variablesOf(globals, entry['variables']),
    image: imageOf(entry['image']),
    services: ((entry['services'] ?? []) as unknown[]).flatMap((service) => imageOf(service) ?? []),
    script: [...lines(entry['before_script']), ...lines(entry['script'])],
    afterScript: lines(entry['after_script']),
    artifacts: artifactsOf(entry['artifacts']),
    cache: cachesOf(entry['cache']),
    dependencies: entry['dependencies'] === undefined ? undefined : names(entry['dependencies']),
    needs: needs?.map((need) =>
      typeof need === 'string'
        ? { job: need, artifacts: true }
        : { job: String(need['job']), artifacts: need['artifacts'] !== false },
    ),
    allowFailure: exitCodes ?? (allow === undefined ? entry['when'] === 'manual' : allow === true),
    timeoutSeconds: secondsOf((entry['timeout'] ?? 3_600) as string | number),
    hooks: ['pre_get_sources_script', 'post_get_sources_script'].flatMap((hook) =>
      hooks[hook] === undefined ? [] : [{ name: hook, script: lines(hooks[hook]) }],
    ),
    idTokens: Object.fromEntries(tokens.map(([key, token]) => [key, token['aud'] as string])),
    retries: Number(isMapping(entry['retry']) ? (entry['retry']['max'] ?? 0) : (entry['retry'] ?? 0)),
    environment: isMapping(entry['environment'])
      ? String(entry['environment']['name'])
      : (entry['environment'] as string | undefined),
    hasRelease: isMapping(entry['release']),
  };
}

function variablesOf(...levels: readonly unknown[]): Readonly<Record<string, string>> {
  const pairs = levels.flatMap((level) => Object.entries((level ?? {}) as Entry));
  return Object.fromEntries(
    pairs.map(([key, value]) => [key, String(isMapping(value) ? value['value'] : value)]),
  );
}

function pick(from: Entry, keys: readonly string[]): Entry {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}

function isMapping(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
