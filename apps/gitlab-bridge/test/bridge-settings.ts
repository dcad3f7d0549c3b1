import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runner, TestGitLab, TestProject } from '../../../test/gitlab/index.js';
import type { BridgeWorldOptions } from './bridge-world.js';

/** What there is of GitLab when slipway.yml is written. */
export interface GitLabParts {
  readonly gitlab: TestGitLab;
  readonly project: TestProject;
  readonly runner: Runner;
}

/** slipway.yml of a house with what the options have in it; its secrets are written to files of the directory. */
export async function bridgeSettings(
  options: BridgeWorldOptions,
  directory: string,
  { gitlab, project, runner }: GitLabParts,
): Promise<object> {
  const account = options.hasAccount ? await accountIn(directory, gitlab, project) : [];
  const token = join(directory, 'runner-token');
  await writeFile(token, runner.token, { mode: 0o600 });
  return {
    projects: options.projects?.(gitlab) ?? [registered(gitlab)],
    backends: [
      { name: 'here', kind: 'local', jobs: 8, ...options.backend },
      ...(options.furtherBackends ?? []),
    ],
    gitlabServers: [
      { name: 'gitlab', url: gitlab.url, ...(options.hasAccount && { credential: 'account' }) },
    ],
    credentials: [
      ...account,
      { name: 'runner', type: 'gitlab-runner-token', secret: { file: token } },
      ...(options.furtherCredentials ?? []),
    ],
    identityMappings: options.identityMappings ?? [],
    runners: [{ name: 'grid', gitlab: 'gitlab', credential: 'runner', ...options.runner }],
  };
}

/** The project lhcb/analysis as slipway.yml registers it, with what a test is about. */
export const registered = (gitlab: TestGitLab, more: object = {}): object => ({
  name: 'analysis',
  url: `${gitlab.url}/lhcb/analysis`,
  path: 'lhcb/analysis',
  backend: 'here',
  ...more,
});

/** The credential of an account that the project knows as a Developer. */
async function accountIn(
  directory: string,
  gitlab: TestGitLab,
  project: TestProject,
): Promise<readonly object[]> {
  const bot = gitlab.addPerson('slipway-bot');
  project.addMember(bot, 30);
  const file = join(directory, 'account');
  await writeFile(file, gitlab.addToken(bot), { mode: 0o600 });
  return [{ name: 'account', type: 'gitlab-api-token', secret: { file } }];
}
