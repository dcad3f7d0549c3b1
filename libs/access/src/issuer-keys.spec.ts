import { createServer, type Server } from 'node:http';
import { freePort, listenOnFreePort } from '#embedded';
import { IssuerKeys } from './issuer-keys.js';

// Real: HTTP on the loopback address.
describe('the keys of an issuer that cannot be had', () => {
  let server: Server;
  let body: string;
  let there: string;
  beforeAll(async () => {
    server = createServer((_request, response) => response.end(body));
    there = `http://127.0.0.1:${await listenOnFreePort(server)}`;
  });
  afterAll(() => void server.close());

  const whyNot = (issuer: string, words: string) =>
    expect(new IssuerKeys({ issuer }).verify('a.b.c', ['slipway'])).rejects.toMatchObject({
      code: 'sign_in.provider_unavailable',
      temporary: true,
      message: `the keys of ${issuer} cannot be had: ${words}`,
    });

  it('are told of in words where nobody listens', async () => {
    await whyNot(`http://127.0.0.1:${await freePort()}`, 'nothing listens there (ECONNREFUSED)');
  });

  it.each(['<html>Welcome</html>', '{"issuer":"x"}'])(
    'are told of in words where it answers %s',
    async (said) => {
      body = said;
      await whyNot(there, 'its discovery document does not say where its keys are');
    },
  );
});
