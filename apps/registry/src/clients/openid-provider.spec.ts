import { createServer, type Server } from 'node:http';
import { freePort, listenOnFreePort } from '#embedded';
import { OpenidProvider } from './openid-provider.js';

const providerAt = (port: number): OpenidProvider =>
  new OpenidProvider({
    issuer: `http://127.0.0.1:${port}`,
    clientId: 'slipway',
    scopes: 'openid',
    redirectUri: 'http://127.0.0.1/auth/callback',
  });

// Real: HTTP on the loopback address.
describe('a sign-in provider that cannot be used', () => {
  const unavailable = { code: 'sign_in.provider_unavailable', temporary: true };

  it('is told of in words where nobody listens', async () => {
    await expect(providerAt(await freePort()).begin()).rejects.toMatchObject({
      ...unavailable,
      message: 'the sign-in provider cannot be used: nothing listens there (ECONNREFUSED)',
    });
  });

  it('is told of by what it answers', async () => {
    const server: Server = createServer((_request, response) => response.writeHead(502).end());
    await expect(providerAt(await listenOnFreePort(server)).begin()).rejects.toMatchObject({
      ...unavailable,
      message: 'the sign-in provider cannot be used: unexpected HTTP response status code',
    });
    server.close();
  });
});
