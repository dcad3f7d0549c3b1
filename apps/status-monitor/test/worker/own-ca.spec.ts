import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { listenOnFreePort } from '#embedded';
import { EdgeWorld } from './edge-world.js';
import { runWrapper } from './running-wrapper.js';

// Real: the job's script with its curl, TLS with certificates made by openssl, the monitor behind it.
describe('a job whose monitor has a certificate of an own authority', () => {
  let world: EdgeWorld;
  let server: Server;
  let url: string;
  let heard = 0;
  const authority = (name: string): string => join(world.directory, name);

  beforeAll(async () => {
    world = await EdgeWorld.create(import.meta.url);
    await world.start();
    for (const name of ['ours', 'theirs']) makeAuthority(authority(name));
    const target = new URL(world.url);
    server = createServer(makeCertificate(authority('ours')), (socket) => {
      const behind = connect(Number(target.port), target.hostname);
      socket.on('data', (data) => (heard += data.length));
      for (const one of [socket, behind]) one.on('error', () => void (socket.destroy(), behind.destroy()));
      socket.pipe(behind).pipe(socket);
    });
    url = `https://127.0.0.1:${await listenOnFreePort(server)}`;
  });
  afterAll(async () => {
    server.close();
    await world.close();
  });

  const script = 'echo "line 1"; cat given >brought';
  const template = {
    steps: [{ name: 'script', script }],
    inputs: [{ path: 'given', content: 'something' }],
    outputs: ['brought'],
  };
  const run = async (monitorCa: string | undefined) => {
    const known = await world.queue(template);
    const way = { monitorUrl: url, monitorCa, patienceSeconds: 1 };
    const { ended } = await runWrapper(join(world.directory, 'node'), world.files(known, way));
    return { known, ...(await ended) };
  };
  const certificateOf = (name: string): string => readFileSync(join(authority(name), 'ca.pem'), 'utf8');

  it('trusts it by the certificates that it brings along: log, outputs and end arrive', async () => {
    const { known, status } = await run(certificateOf('ours'));
    expect(status).toBe(0);
    expect(heard).toBeGreaterThan(0);
    expect(await world.log(known.attemptId)).toContain('line 1\n');
    const attempt = await world.attempt(known.attemptId);
    expect(attempt).toMatchObject({ state: 'succeeded' });
    expect((await world.outputs.find(attempt))?.files).toMatchObject([{ path: 'brought', size: 9 }]);
  });

  it.each([
    ['brings those of another one along', 'theirs'],
    ['brings none along', undefined],
  ])('that %s does not run, says why, and tells nobody its token', async (_, name) => {
    heard = 0;
    const { known, status, said } = await run(name === undefined ? undefined : certificateOf(name));
    expect(status).toBe(74);
    expect(said).toContain(
      'the monitor could not be reached: its certificate is not one that this job trusts',
    );
    expect(heard).toBe(0);
    expect(await world.attempt(known.attemptId)).toMatchObject({ state: 'queued' });
  });
});

const openssl = (...args: readonly string[]): void =>
  void execFileSync('openssl', [...args, '-days', '2', '-nodes', '-newkey', 'ec', ...curve], {
    stdio: 'ignore',
  });
const curve = ['-pkeyopt', 'ec_paramgen_curve:prime256v1'];

function makeAuthority(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const [key, certificate] = [join(directory, 'ca.key'), join(directory, 'ca.pem')];
  openssl('req', '-x509', '-subj', '/CN=An authority', '-keyout', key, '-out', certificate);
}

/** For the address that the tests' monitor has. */
function makeCertificate(directory: string): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(directory, 'server.key'), join(directory, 'server.pem')];
  const by = ['-CA', join(directory, 'ca.pem'), '-CAkey', join(directory, 'ca.key')];
  const names = ['-subj', '/CN=monitor', '-addext', 'subjectAltName=IP:127.0.0.1'];
  openssl('req', '-x509', ...by, ...names, '-keyout', key, '-out', cert);
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
