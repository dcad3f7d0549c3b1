import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  directoryEnvironment,
  freePort,
  newKeyRing,
  partnersEnvironment,
  startPostgres,
  startRabbitmq,
} from '#embedded';
import { type Condor, spawnService, waitFor } from '#lab';
import { startGitLab, type TestGitLab, type TestProject } from '../../test/gitlab/index.js';
import type { Figures } from '../report.js';

/** A GitLab, and a Slipway that is its runner before an HTCondor. */
export interface Site {
  readonly gitlab: TestGitLab;
  readonly project: TestProject;
}

/** What ends each part is added to `closing` once it runs, so that a later one's failure leaves nothing behind. */
export async function startSite(
  condor: Condor,
  directory: string,
  closing: (() => Promise<unknown>)[],
): Promise<Site> {
  const gitlab = await startGitLab();
  closing.push(() => gitlab.close());
  const project = await gitlab.createProject({
    path: 'lhcb/analysis',
    files: { 'README.md': '# Analysis\n' },
  });
  const broker = await startRabbitmq({ directory: join(directory, 'rabbitmq') });
  closing.push(() => broker.stop());
  const postgres = await startPostgres({ directory: join(directory, 'postgres') });
  closing.push(() => postgres.stop());
  const own = directoryEnvironment(join(directory, 'service'));
  mkdirSync(join(directory, 'service'));
  const settings = await settingsOf(condor, join(directory, 'service'), gitlab);
  writeFileSync(own.SLIPWAY_CONFIG, JSON.stringify(settings));
  const port = String(await freePort());
  const env = {
    ...own,
    ...partnersEnvironment({
      amqpUrl: broker.url,
      keyRing: newKeyRing('bench'),
      postgres: { url: postgres.url },
    }),
    SLIPWAY_STATE_DIRECTORY: condor.workDirectory('state'),
    SLIPWAY_MONITOR_URL: `http://127.0.0.1:${port}`,
  };
  const start = async (name: string, more: Readonly<Record<string, string>> = {}): Promise<void> => {
    const schema = name.replaceAll('-', '_');
    const service = await spawnService(name, { ...env, SLIPWAY_POSTGRES_SCHEMA: schema, ...more });
    closing.push(() => service.kill('SIGKILL'));
  };
  await start('status-monitor', { SLIPWAY_HTTP_PORT: port });
  await start('grid-submitter');
  await start('gitlab-bridge');
  return { gitlab, project };
}

/** slipway.yml; its secrets are written to files of the directory. */
async function settingsOf(condor: Condor, directory: string, gitlab: TestGitLab): Promise<object> {
  const [token, grid] = [join(directory, 'token'), join(directory, 'grid-token')];
  writeFileSync(token, gitlab.createRunner().token, { mode: 0o600 });
  // Who is behind the CI job has an account of their own there.
  const identity = ['-identity', 'grid@grid-lab', '-lifetime', '7200'];
  writeFileSync(grid, await condor.inside('condor_token_create', ...identity), { mode: 0o600 });
  const registered = {
    name: 'analysis',
    url: `${gitlab.url}/lhcb/analysis`,
    path: 'lhcb/analysis',
    backend: 'pool',
    limits: { jobs: 1_000_000 },
  };
  return {
    projects: [registered],
    // The nodes see the same disk, which the jobs by hand are given by HTCondor unasked.
    backends: [{ name: 'pool', kind: 'htcondor', jobs: 1_000_000, tools: condor.bin, sharedFiles: true }],
    gitlabServers: [{ name: 'gitlab', url: gitlab.url }],
    credentials: [
      { name: 'runner', type: 'gitlab-runner-token', secret: { file: token } },
      { name: 'grid', type: 'htcondor-idtoken', secret: { file: grid } },
    ],
    identityMappings: [{ name: 'alice', gitlabUser: 'alice', credential: 'grid' }],
    runners: [{ name: 'grid', gitlab: 'gitlab', credential: 'runner' }],
  };
}

/** From a pipeline in GitLab until GitLab knows that its one job, which fans out, has succeeded. */
export async function byCiJob(
  { project }: Site,
  items: readonly string[],
  script: string,
  result?: string,
): Promise<Figures> {
  const variables = {
    SLIPWAY_FANOUT: items.join(' '),
    SLIPWAY_MEMORY: '64 MiB',
    SLIPWAY_DISK: '64 MiB',
    GIT_STRATEGY: 'none',
  };
  const artifacts = result === undefined ? {} : { artifacts: { paths: [result] } };
  const definition = { job: { variables, script: [script], ...artifacts } };
  await project.commit({ files: { '.gitlab-ci.yml': JSON.stringify(definition) } });
  const [start, began] = [performance.now(), Date.now()];
  const job = (await project.runPipeline()).job('job');
  await waitFor(() => job.isOver, { what: 'the CI job to be over', deadlineMs: 600_000 });
  const total = (performance.now() - start) / 1_000;
  if (job.state !== 'success')
    throw new Error(`the CI job is ${job.state}:\n${job.trace.toString().slice(-4_000)}`);
  const handedOut = job.history.find(({ state }) => state === 'running')?.at;
  // GitLab's runners ask for jobs every three seconds: no part of it is the grid's.
  return { total, 'handed out': handedOut === undefined ? NaN : (handedOut - began) / 1_000 };
}
