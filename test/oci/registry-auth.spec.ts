import type { Credentials } from '#oci';
import { layersOf, sourceLab, type SourceLab } from './source-lab.js';
import { layerOfBytes, StandInRegistry } from './stand-in-registry.js';
import { startTokenServer, type IssueToken, type TokenServer } from './token-server.js';

const platform = 'linux/amd64';
const credentials = { username: 'robot', password: 's3cret:with:colons' };
const basic = `Basic ${Buffer.from('robot:s3cret:with:colons').toString('base64')}`;

describe('an image from a registry that asks who we are', () => {
  let registry: StandInRegistry;
  let tokens: TokenServer;
  let lab: SourceLab;
  let digest: string;
  let issue: IssueToken;
  /** So often the source said that its credentials were taken. */
  let logins = 0;

  beforeEach(async () => {
    registry = await StandInRegistry.start();
    tokens = await startTokenServer((request) => issue(request));
    const layers = await Promise.all([1, 2, 3].map((seed) => layerOfBytes(20_000, seed)));
    digest = registry.putImage('team/app', layers).digest;
  });
  afterEach(async () => {
    await lab.close();
    await registry.stop();
    await tokens.stop();
  });

  const withCredentials = async (own?: Credentials, parallelLayers = 4) => {
    logins = 0;
    const onLogin = (): void => void (logins += 1);
    const settings = { host: registry.host, onLogin, ...(own ? { credentials: own } : {}) };
    lab = await sourceLab({ registries: [settings], allowInsecureLocalhost: true, parallelLayers });
  };
  const fetched = async () => {
    const image = { registry: registry.host, repository: 'team/app', digest };
    return layersOf(await lab.source.open(image, platform, { signal: new AbortController().signal }));
  };
  const bearer = (valid: (token: string) => boolean) => {
    const header = `Bearer realm="${tokens.realm}",service="stand-in",scope="repository:team/app:pull"`;
    registry.challenge = (authorization) =>
      authorization?.startsWith('Bearer ') && valid(authorization.slice(7))
        ? undefined
        : { 'www-authenticate': header };
  };

  it('shows name and password where basic is asked for', async () => {
    registry.challenge = (sent) => (sent === basic ? undefined : { 'www-authenticate': 'Basic realm="x"' });
    await withCredentials(credentials);
    expect(await fetched()).toHaveLength(3);
    expect(registry.seen.filter(({ authorization }) => authorization === undefined)).toHaveLength(1);
    expect(logins).toBe(registry.seen.filter(({ authorization }) => authorization !== undefined).length);
  });

  it('shows a token that it was given', async () => {
    bearer((token) => token === 'given');
    await withCredentials({ token: 'given' });
    expect(await fetched()).toHaveLength(3);
    expect(logins).toBe(registry.seen.filter(({ authorization }) => authorization !== undefined).length);
    expect(tokens.asked).toEqual([]);
  });

  it('gets a token without credentials for a public repository', async () => {
    bearer((token) => token === 'anonymous');
    issue = ({ authorization }) => (authorization ? 401 : { token: 'anonymous' });
    await withCredentials();
    expect(await fetched()).toHaveLength(3);
    expect(logins).toBe(0);
    expect(tokens.asked).toEqual([
      { service: 'stand-in', scopes: ['repository:team/app:pull'], authorization: undefined },
    ]);
  });

  it('gets a token with name and password for a private one', async () => {
    bearer((token) => token === 'mine');
    issue = ({ authorization }) =>
      authorization === basic ? { access_token: 'mine', expires_in: 300 } : 401;
    await withCredentials(credentials);
    expect(await fetched()).toHaveLength(3);
    expect(tokens.asked).toHaveLength(1);
    expect(logins).toBe(1);
  });

  it('renews a token that expires in the middle of a pull', async () => {
    let issued = 0;
    const uses = new Map<string, number>();
    bearer((token) => {
      uses.set(token, (uses.get(token) ?? 0) + 1);
      return token === `t${issued}` && (uses.get(token) ?? 0) <= 2;
    });
    issue = () => ({ token: `t${++issued}`, expires_in: 300 });
    await withCredentials(credentials, 1);
    expect(await fetched()).toHaveLength(3);
    expect(issued).toBe(3);
  });

  it('renews a token by itself once its time has passed', async () => {
    let issued = 0;
    bearer(() => true);
    const header = `Bearer realm="${tokens.realm}"`;
    registry.challenge = (sent) => (sent === undefined ? { 'www-authenticate': header } : undefined);
    issue = () => ({ token: `t${++issued}`, expires_in: 1 });
    await withCredentials(credentials);
    expect(await fetched()).toHaveLength(3);
    expect(issued).toBeGreaterThan(1);
  });

  it.each([401, 403])(
    'says permanent to credentials that the token server refuses with %i',
    async (status) => {
      bearer(() => false);
      issue = () => status;
      await withCredentials(credentials);
      await expect(fetched()).rejects.toMatchObject({ temporary: false });
      expect(logins).toBe(0);
    },
  );

  it('says permanent to a token that the registry refuses, and does not ask for ever', async () => {
    bearer(() => false);
    issue = () => ({ token: 'x' });
    await withCredentials(credentials);
    await expect(fetched()).rejects.toMatchObject({ code: 'registry.unauthorized', temporary: false });
    expect(tokens.asked).toHaveLength(1);
  });

  it.each([500, 503, 429])('says temporary to a token server that answers %i', async (status) => {
    bearer(() => false);
    issue = () => status;
    await withCredentials(credentials);
    await expect(fetched()).rejects.toMatchObject({ temporary: true });
  });

  it('takes no token that could break a header', async () => {
    bearer(() => false);
    issue = () => ({ token: 'a\r\nX-Evil: 1' });
    await withCredentials(credentials);
    await expect(fetched()).rejects.toMatchObject({ code: 'registry.unavailable' });
  });

  it('keeps credentials from appearing in any error', async () => {
    registry.challenge = () => ({ 'www-authenticate': 'Basic realm="x"' });
    await withCredentials(credentials);
    const error = await fetched().catch((thrown: unknown) => thrown as Error);
    const text = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).stack);
    expect(text).not.toContain('s3cret');
    expect(text).not.toContain(basic.slice(6));
  });
});

describe('an image whose blobs lie on another host', () => {
  let registry: StandInRegistry;
  let storage: StandInRegistry;
  let lab: SourceLab;
  let digest: string;
  beforeEach(async () => {
    registry = await StandInRegistry.start();
    storage = await StandInRegistry.start();
    lab = await sourceLab({ registries: [{ host: registry.host, insecure: true, credentials }] });
    const layer = await layerOfBytes(20_000);
    digest = registry.putImage('team/app', [layer]).digest;
    storage.putBlob('store', layer.blob as Buffer, layer.digest);
    const path = `/v2/team/app/blobs/${layer.digest}`;
    const to = `http://${storage.host}/v2/store/blobs/${layer.digest}?X-Signature=secret`;
    registry.faults = (asked) => (asked === path ? { kind: 'redirect', to } : undefined);
    registry.challenge = (sent) => (sent === basic ? undefined : { 'www-authenticate': 'Basic realm="x"' });
  });
  afterEach(async () => {
    await lab.close();
    await registry.stop();
    await storage.stop();
  });
  const fetched = async () => {
    const image = { registry: registry.host, repository: 'team/app', digest };
    return layersOf(await lab.source.open(image, platform, { signal: new AbortController().signal }));
  };

  it('comes from there, and our credentials do not go there', async () => {
    storage.faults = (_, nth) => (nth === 1 ? { kind: 'break', afterBytes: 5000 } : undefined);
    expect(await fetched()).toHaveLength(1);
    expect(storage.seen.map(({ authorization, range }) => [authorization, range])).toEqual([
      [undefined, undefined],
      [undefined, 'bytes=5000-'],
    ]);
  });

  it('does not answer that host’s challenges', async () => {
    storage.challenge = () => ({ 'www-authenticate': 'Basic realm="give"' });
    const error = await fetched().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'registry.unavailable', temporary: true });
    expect((error as Error).message).not.toContain('secret');
    expect(storage.seen.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it('is given up when it is sent in a circle', async () => {
    storage.faults = (path) => ({ kind: 'redirect', to: `http://${storage.host}${path}` });
    await expect(fetched()).rejects.toMatchObject({ code: 'registry.unavailable' });
  });

  it('is not looked for at a URL that is none of http', async () => {
    storage.faults = () => ({ kind: 'redirect', to: 'file:///etc/passwd' });
    await expect(fetched()).rejects.toMatchObject({ code: 'registry.insecure_redirect', temporary: false });
  });
});

describe('plain http', () => {
  it('is spoken to this machine only where that is allowed', async () => {
    const registry = await StandInRegistry.start();
    const lab = await sourceLab({ allowInsecureLocalhost: false });
    const name = { registry: registry.host, repository: 'team/app', tag: 'v1' };
    registry.putImage('team/app', [await layerOfBytes(100)], { tags: ['v1'] });
    await expect(lab.source.resolve(name, platform)).rejects.toMatchObject({ code: 'registry.unreachable' });
    expect(registry.seen).toEqual([]);
    await lab.close();
    await registry.stop();
  });
});
