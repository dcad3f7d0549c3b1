import { z } from 'zod';

/**
 * GitLab leaves out what is empty or says null, and means the same: the zero value. It is read as the official runner
 * reads it, so that no job is lost to a field that nobody needs. Names stay GitLab's own, and what was parsed parses again.
 */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const count = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);
const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
/** A list that may be written as its only entry. */
const oneOrMany = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((value) => (typeof value === 'string' ? [value] : (value ?? [])));

const many = <Item extends z.ZodType>(item: Item): z.ZodType<readonly z.output<Item>[]> =>
  z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);

/** An object that may be missing: then all that it holds is empty. */
const orEmpty = <Schema extends z.ZodType>(schema: Schema): z.ZodType<z.output<Schema>> =>
  z.preprocess((value) => value ?? {}, schema);

const ciVariable = z.object({
  key: z.string(),
  value: text,
  public: flag,
  file: flag.describe('the value is to be in a file, the variable holds its path'),
  masked: flag,
  raw: flag.describe('the value is not expanded'),
});

const ciStep = z.object({
  name: text.describe('script, after_script, release or run'),
  script: texts,
  timeout: count.describe('seconds'),
  when: text.describe('on_success, on_failure or always; empty is on_success'),
  allow_failure: flag,
});

const ciImage = z.object({
  name: text,
  alias: text,
  command: oneOrMany,
  entrypoint: oneOrMany,
  pull_policy: oneOrMany,
  variables: many(ciVariable),
  executor_opts: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((value) => value ?? {}),
});

const ciArtifact = z.object({
  name: text,
  untracked: flag,
  paths: texts,
  exclude: texts,
  when: text.describe('on_success, on_failure or always; empty is on_success'),
  artifact_type: text.describe('archive, junit, dotenv, …; empty is archive'),
  artifact_format: text.describe('zip, gzip or raw; empty is zip'),
  expire_in: text,
});

const ciCache = z.object({
  key: text,
  untracked: flag,
  policy: text.describe('pull-push, pull or push; empty is pull-push'),
  paths: texts,
  when: text.describe('on_success, on_failure or always; empty is on_success'),
  fallback_keys: texts,
});

const ciCredential = z.object({ type: text, url: text, username: text, password: text });

const ciDependency = z.object({
  id: count,
  name: text,
  token: text.describe('reads the artifacts of this job alone'),
  artifacts_file: orEmpty(z.object({ filename: text, size: count })),
});

const jobInfo = z.object({
  name: text,
  stage: text,
  pipeline_id: count,
  project_id: count,
  project_name: text,
  project_full_path: text,
  namespace_id: count,
  root_namespace_id: count,
  user_id: count,
  time_in_queue_seconds: count,
});

const gitInfo = z.object({
  repo_url: text.describe('with the token of the job in it'),
  repo_object_format: text,
  ref: text,
  sha: text,
  before_sha: text,
  ref_type: text.describe('branch or tag'),
  refspecs: texts,
  depth: count.describe('0 is the whole history'),
  protected: flag,
});

const features = z.object({
  trace_sections: flag,
  token_mask_prefixes: texts,
  failure_reasons: texts,
});

/** Enough of an answer that cannot be read otherwise, to tell GitLab that its job failed. */
export const ciJobHead = z.object({ id: z.int().positive(), token: z.string().min(1) });

/** What GitLab hands to a runner: the body of a 201 to `POST /api/v4/jobs/request`. */
export const ciJob = z.object({
  ...ciJobHead.shape,
  allow_git_fetch: flag,
  job_info: orEmpty(jobInfo),
  git_info: orEmpty(gitInfo),
  runner_info: orEmpty(z.object({ timeout: count.describe('seconds that the job may take') })),
  variables: many(ciVariable),
  steps: many(ciStep),
  image: orEmpty(ciImage).describe('without a name where the job asks for none'),
  services: many(ciImage),
  artifacts: many(ciArtifact),
  cache: many(ciCache),
  credentials: many(ciCredential),
  dependencies: many(ciDependency),
  features: orEmpty(features),
  secrets: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((value) => value ?? {}),
  hooks: many(z.object({ name: text, script: texts })),
  run: text.describe("steps in GitLab's step language, as JSON"),
  inputs: many(z.unknown()),
});

/** A job of GitLab, with all that is secret in it: tokens, passwords, the values of variables. */
export type CiJob = z.output<typeof ciJob>;
/** What a job wants uploaded, and by `when` after which end of it. */
export type CiArtifact = z.output<typeof ciArtifact>;
/** Another job whose artifacts this one wants, with the token that fetches them: a secret. */
export type CiDependency = z.output<typeof ciDependency>;
