import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ciJob, type CiJob } from '#gitlab';
import { composeJob } from '#grid';
import { waitFor } from '#lab';
import {
  composeCiJob,
  type ComposedCiJob,
  type ComposingContext,
  withSecrets,
} from '../../src/domain/composing/index.js';

/** What a job's wrapper left, run as a batch system runs it on a node that has no way out. */
export interface RunCiJob {
  readonly code: number | null;
  readonly log: string;
  readonly end: Readonly<Record<string, string>>;
  readonly composed: ComposedCiJob;
  /** Where the outputs were unpacked. */
  readonly outputs: string;
}

const directories: string[] = [];

/** Removes the directories of all jobs that this test file ran. */
export const removeRuns = async (): Promise<void> => {
  await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
};

/** For what jobs are composed where a test is not about it. */
export const context: ComposingContext = {
  runner: { name: 'runner', shortToken: 'abcdefgh' },
  project: 'project',
  gitlab: { url: 'https://gitlab.example.org' },
  version: '1.2.3',
};

/** A job as GitLab hands it out, with what a test is about. */
export const aJob = (fields: Readonly<Record<string, unknown>>): CiJob =>
  ciJob.parse({
    id: 7,
    token: 'job-token',
    allow_git_fetch: true,
    job_info: {
      name: 'test',
      stage: 'test',
      project_id: 1,
      project_name: 'project',
      project_full_path: 'group/project',
    },
    git_info: {
      repo_url: 'https://gitlab-ci-token:secret@gitlab.example.org/group/project.git',
      ref: 'main',
      sha: 'f'.repeat(40),
    },
    runner_info: { timeout: 3600 },
    features: { failure_reasons: ['runner_configuration_error'] },
    ...fields,
  });

/** A variable as GitLab sends it with a job; `more` says whether it is masked, raw or a file. */
export const variable = (key: string, value: string, more: object = {}): object => ({
  key,
  value,
  public: true,
  ...more,
});

/** The step of `script:` as GitLab sends it. */
export const script = (...lines: readonly string[]): object => ({
  name: 'script',
  script: lines,
  timeout: 3600,
  when: 'on_success',
});

/** Refused is an error here. */
export function composed(job: CiJob, given: ComposingContext = context): ComposedCiJob {
  const outcome = composeCiJob(job, given);
  if ('refused' in outcome) throw new Error(outcome.refused.words);
  return outcome;
}

/** Composes a job and runs its wrapper here, without batch system and monitor; resolves when it has ended. */
export async function runCiJob(
  job: CiJob,
  given: {
    readonly context?: ComposingContext;
    readonly shell?: readonly string[];
    readonly path?: string;
    readonly environment?: NodeJS.ProcessEnv;
    /** It is cancelled, as the monitor does it, once this is in its log. */
    readonly cancelAt?: string;
    readonly itemVariables?: Readonly<Record<string, string>>;
  } = {},
): Promise<RunCiJob> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-ci-'));
  directories.push(directory);
  const whole = composed(job, given.context);
  const files = composeJob(
    {
      groupId: randomUUID(),
      name: 'ci job',
      project: 'project',
      backend: 'node',
      template: withSecrets(whole.template, whole.secrets),
    },
    {
      jobId: randomUUID(),
      attemptId: randomUUID(),
      index: 0,
      attempt: 1,
      item: { key: 'job', variables: given.itemVariables ?? {} },
    },
    { graceSeconds: 1 },
  );
  await writeFile(join(directory, 'slipway-job.sh'), files.wrapper);
  await writeFile(join(directory, 'slipway-group.sh'), files.groupSettings);
  await writeFile(join(directory, 'slipway-attempt.sh'), files.attemptSettings);
  // A login shell takes its path from the node's profile, and then from this.
  if (given.path !== undefined) await writeFile(join(directory, '.profile'), `PATH='${given.path}'\n`);
  const [program = 'sh', ...args] = given.shell ?? ['sh'];
  const child = spawn(program, [...args, 'slipway-job.sh'], {
    cwd: directory,
    env: { PATH: given.path ?? process.env['PATH'], HOME: directory, ...given.environment },
    stdio: 'ignore',
  });
  const { cancelAt } = given;
  if (cancelAt !== undefined) {
    const log = join(directory, 'slipway.log');
    await waitFor(() => existsSync(log) && readFileSync(log, 'utf8').includes(cancelAt), { what: cancelAt });
    child.kill('SIGUSR1');
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const outputs = join(directory, 'unpacked');
  if (existsSync(join(directory, 'slipway-outputs.tar.gz'))) {
    execFileSync('mkdir', [outputs]);
    execFileSync('tar', ['-xzf', 'slipway-outputs.tar.gz', '-C', 'unpacked'], { cwd: directory });
  }
  const end = (await readFile(join(directory, 'slipway-end'), 'utf8')).split('\n');
  return {
    code,
    log: await readFile(join(directory, 'slipway.log'), 'utf8'),
    end: Object.fromEntries(
      end.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    ),
    composed: whole,
    outputs,
  };
}
