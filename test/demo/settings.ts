import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

const cvmfsRepository = 'unpacked.demo.slipway';

/** What is not known before the demo's servers run. */
export interface SettingsOptions {
  /** Host of the container registry. */
  readonly registry: string;
  readonly webhookSecret: string;
  readonly gitlabUrl: string;
  readonly runnerToken: string;
}

/** Writes the slipway.yml that the demo registers, its secrets into files beside it. */
export function writeSettings(
  directory: string,
  { registry, webhookSecret, gitlabUrl, runnerToken }: SettingsOptions,
): { readonly file: string; readonly cvmfs: string } {
  const cvmfs = join(directory, 'cvmfs', cvmfsRepository);
  mkdirSync(cvmfs, { recursive: true });
  const secretFile = (name: string, secret: string): { readonly file: string } => {
    const file = join(directory, name);
    writeFileSync(file, secret, { mode: 0o600 });
    return { file };
  };
  const file = join(directory, 'slipway.yml');
  const settings = {
    sources: [
      {
        name: 'demo-registry',
        kind: 'distribution',
        repositories: ['**'],
        secrets: [secretFile('webhook-secret', webhookSecret)],
      },
    ],
    registries: [{ host: registry, insecure: true }],
    cvmfsRepositories: [{ name: cvmfsRepository, driver: 'directory', path: cvmfs }],
    imageRules: [{ name: 'everything', registry, repository: '**', cvmfsRepository: cvmfsRepository }],
    backends: [{ name: 'this-machine', kind: 'local', jobs: 4 }],
    projects: [
      {
        name: 'rare-decays',
        url: `${gitlabUrl}/lhcb/rare-decays`,
        path: 'lhcb/rare-decays',
        backend: 'this-machine',
      },
    ],
    credentials: [
      { name: 'runner', type: 'gitlab-runner-token', secret: secretFile('runner-token', runnerToken) },
    ],
    gitlabServers: [{ name: 'gitlab', url: gitlabUrl }],
    runners: [{ name: 'grid', gitlab: 'gitlab', credential: 'runner', project: 'rare-decays' }],
  };
  writeFileSync(file, stringify(settings));
  return { file, cvmfs };
}
