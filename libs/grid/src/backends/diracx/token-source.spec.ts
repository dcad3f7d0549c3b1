import { createServer, type Server } from 'node:http';
import { listenOnFreePort } from '#embedded';
import type { GridIdentity } from '../../backend.js';
import { DiracxConnection } from './connection.js';
import { TokenSource } from './token-source.js';

const signal = new AbortController().signal;
let server: Server;
let asked: { readonly url: string; readonly authorization: string | undefined }[];
let status: number;
let now: number;
let tokens: TokenSource;

// Stands for DiracX's legacy exchange; the real one is asked in libs/grid/test.
beforeEach(async () => {
  asked = [];
  status = 200;
  now = 1_000_000;
  server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', authorization: request.headers.authorization });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        status === 200 ? { access_token: `token-${asked.length}`, expires_in: 1200 } : { detail: 'no' },
      ),
    );
  });
  const url = `http://127.0.0.1:${await listenOnFreePort(server)}`;
  tokens = new TokenSource(new DiracxConnection(url), { vo: 'grid', group: 'user' }, () => now);
});
afterEach(() => server.closeAllConnections());
afterEach(() => void server.close());

const identity = (changes: Partial<GridIdentity> = {}): GridIdentity => ({
  name: 'robot',
  type: 'diracx-key',
  username: 'ada',
  secret: () => 'c2VjcmV0',
  ...changes,
});
const token = (who = identity(), spoilt?: string): Promise<string> => tokens.token(who, { signal }, spoilt);

describe('access tokens of DiracX', () => {
  it('come for the key, which stands in a header and not in the address', async () => {
    expect(await token()).toBe('token-1');
    expect(asked[0]?.authorization).toBe('Bearer diracx:legacy:c2VjcmV0');
    expect(asked[0]?.url).toBe(
      '/api/auth/legacy-exchange?preferred_username=ada&scope=vo%3Agrid+group%3Auser&expires_minutes=1',
    );
  });

  it('are fetched once, however many want one', async () => {
    expect(await Promise.all([token(), token(), token()])).toEqual(['token-1', 'token-1', 'token-1']);
    expect(asked.length).toBe(1);
  });

  it('are kept for half of their life, and then renewed', async () => {
    await token();
    now += 599_000;
    expect(await token()).toBe('token-1');
    now += 2_000;
    expect(await token()).toBe('token-2');
  });

  it('are used to their end when they cannot be renewed, and no longer', async () => {
    await token();
    status = 503;
    now += 700_000;
    expect(await token()).toBe('token-1');
    now += 600_000;
    await expect(token()).rejects.toMatchObject({ code: 'grid.unavailable', temporary: true });
  });

  it('are not given again when DiracX did not take them', async () => {
    expect(await token(identity(), await token())).toBe('token-2');
    expect(await token()).toBe('token-2');
  });

  it('are others for other users, and after the key was changed', async () => {
    await token();
    expect(await token(identity({ account: 'grace' }))).toBe('token-2');
    expect(await token(identity({ secret: () => 'diracx:legacy:bmV3' }))).toBe('token-3');
    expect(await token()).toBe('token-1');
  });

  it.each([400, 401, 403])('are refused for good by a %d', async (code) => {
    status = code;
    await expect(token()).rejects.toMatchObject({ code: 'grid.unauthorized', temporary: false });
  });

  it('are not asked for with a credential that is none, and the error does not tell it', async () => {
    const wrong = [
      identity({ type: 'slurm-token' }),
      identity({ username: undefined }),
      identity({ secret: () => 'geheim\r\nX-Evil: 1' }),
    ];
    for (const who of wrong) {
      const error = await token(who).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'grid.unauthorized', temporary: false });
      expect(String(error)).not.toContain('geheim');
    }
    expect(asked).toEqual([]);
  });

  it('leave whoever gives up, and come for the others', async () => {
    const impatient = tokens.token(identity(), { signal: AbortSignal.timeout(1) });
    const patient = token();
    await Promise.allSettled([impatient]);
    expect(await patient).toBe('token-1');
  });
});
