import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { context, script } from './run-ci-job.js';
import { openWorld, type World } from './world.js';

/** An authority of its own, and what it made for a server at 127.0.0.1. */
function authority(): { readonly ca: string; readonly key: string; readonly cert: string } {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-ca-'));
  const openssl = (...args: readonly string[]): Buffer =>
    execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const about = ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE'];
  openssl('req', '-x509', ...key, '-subj', '/CN=An authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-subj',
    '/CN=GitLab',
    ...about,
    ...by,
    '-keyout',
    'key.pem',
    '-out',
    'cert.pem',
  );
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  const made = { ca: read('ca.pem'), key: read('key.pem'), cert: read('cert.pem') };
  rmSync(directory, { recursive: true });
  return made;
}

// Real: git and curl over TLS, openssl, the job's wrapper.
describe('a GitLab whose certificate no worker node knows', () => {
  const { ca, ...tls } = authority();
  let world: World;

  beforeAll(async () => {
    world = await openWorld({ 'a.txt': 'hello\n' }, undefined, tls);
  });
  afterAll(() => world.close());

  it('is known by the certificates that go with the job: to get the sources, in scripts, and for artifacts', async () => {
    const asked: string[] = [];
    world.server.answer = (request, response) => {
      if (!request.url?.includes('/artifacts')) return false;
      asked.push(request.url);
      response.writeHead(404).end();
      return true;
    };
    const job = { id: 11, name: 'build', token: 't', artifacts_file: { filename: 'artifacts.zip', size: 1 } };
    const gitlab = { url: world.server.url, ca };
    const lines = [
      'cat a.txt',
      'git fetch --quiet origin && echo fetched',
      'head -1 "$CI_SERVER_TLS_CA_FILE"',
    ];
    const whole = await world.run({ steps: [script(...lines)] }, { context: { ...context, gitlab } });
    expect(whole.log).toMatch(/\nhello\n[^]*\nfetched\n[^]*\n-----BEGIN CERTIFICATE-----\n/);
    expect(whole.code).toBe(0);
    // That it is not there is what GitLab says, over a connection that is trusted.
    const asking = await world.run(
      { steps: [script('true')], dependencies: [job] },
      { context: { ...context, gitlab } },
    );
    expect(asked[0]).toContain('/api/v4/jobs/11/artifacts');
    expect(asking.log).toContain('404');
  });

  it('is not spoken to without them', async () => {
    const gitlab = { url: world.server.url };
    const { code, log } = await world.run(
      { steps: [script('echo never')] },
      { context: { ...context, gitlab } },
    );
    expect(code).not.toBe(0);
    expect(log).toMatch(/certificate/);
    expect(log).not.toContain('\nnever\n');
  });
});
