import { execFileSync } from 'node:child_process';
import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildLayer, pushImage } from '#oci';
import { startLocalRegistry, type LocalRegistry } from './local-registry.js';
import { layersOf, sourceLab } from './source-lab.js';
import { startTokenServer, type TokenServer } from './token-server.js';

const base64 = (value: object | Buffer) =>
  (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString('base64url');
const credentials = { username: 'robot', password: 'for-a-test' };
const basic = `Basic ${Buffer.from('robot:for-a-test').toString('base64')}`;

describe('an image from a real registry that trusts a token server', () => {
  let directory: string;
  let tokens: TokenServer;
  let registry: LocalRegistry;
  let issue: (scopes: readonly string[], lifeSeconds: number) => string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-tokens-'));
    const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const subject = ['-subj', '/CN=tokens', '-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', ...curve, ...subject], { stdio: 'ignore' });
    issue = tokenIssuer(await readFile(key, 'utf8'), await readFile(certificate, 'utf8'));
    tokens = await startTokenServer(({ authorization, scopes }) =>
      authorization === basic ? { token: issue(scopes, 60), expires_in: 60 } : 401,
    );
    const names = { realm: tokens.realm, service: 'lab', issuer: 'lab-issuer' };
    registry = await startLocalRegistry({ tokenAuth: { ...names, rootcertbundle: certificate } });
  });
  afterAll(async () => {
    await registry.stop();
    await tokens.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('comes to those who get a token, and to nobody else', async () => {
    const authorization = `Bearer ${issue(['repository:team/app:pull,push'], 60)}`;
    const name = { registry: registry.host, repository: 'team/app' };
    const layers = [
      await buildLayer([{ name: 'a', content: 'a' }]),
      await buildLayer([{ name: 'b', content: 'b' }]),
    ];
    const { digest } = await pushImage({ ...name, authorization, tags: ['v1'], layers });
    const lab = await sourceLab({ registries: [{ host: registry.host, credentials }] });
    const image = await lab.source.open({ ...name, digest }, 'linux/amd64', {
      signal: new AbortController().signal,
    });
    expect(await layersOf(image)).toEqual(layers.map(({ blob }) => blob));
    expect(tokens.asked.at(-1)).toMatchObject({ service: 'lab', scopes: ['repository:team/app:pull'] });
    await lab.close();
    const stranger = await sourceLab();
    await expect(stranger.source.resolve({ ...name, tag: 'v1' }, 'linux/amd64')).rejects.toMatchObject({
      code: 'registry.unauthorized',
      temporary: false,
    });
    await stranger.close();
  });
});

/** Signs tokens as the Docker token authentication specification has them (JWT, ES256, `x5c`). */
function tokenIssuer(keyPem: string, certificatePem: string) {
  const key = createPrivateKey(keyPem);
  const x5c = [new X509Certificate(certificatePem).raw.toString('base64')];
  return (scopes: readonly string[], lifeSeconds: number): string => {
    const access = scopes.map((scope) => {
      const [type, name, actions] = scope.split(':');
      return { type, name, actions: actions?.split(',') };
    });
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: 'lab-issuer',
      aud: 'lab',
      sub: 'robot',
      nbf: now - 10,
      iat: now,
      exp: now + lifeSeconds,
      access,
    };
    const text = `${base64({ typ: 'JWT', alg: 'ES256', x5c })}.${base64(claims)}`;
    return `${text}.${base64(sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }))}`;
  };
}
