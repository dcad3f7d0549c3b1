import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { freePort, listenOnFreePort } from '#embedded';
import { openKeyRing } from '#secrets';
import { learnPublications } from './known-publications.js';

const ring = openKeyRing(`test:${randomBytes(32).toString('base64')}`);
const store = { published: () => Promise.resolve() };

// Real: HTTP on the loopback address.
describe('a registry that does not tell what is on CVMFS', () => {
  let server: Server;
  let answer: readonly [status: number, body: string];
  let url: string;
  beforeAll(async () => {
    server = createServer((_request, response) => response.writeHead(answer[0]).end(answer[1]));
    url = `http://127.0.0.1:${await listenOnFreePort(server)}`;
  });
  afterAll(() => void server.close());

  const said = (words: string) => ({
    code: 'images.registry_away',
    temporary: true,
    message: `the registry does not tell what is on CVMFS: ${words}`,
  });

  it('is told of in words where nobody listens', async () => {
    await expect(
      learnPublications(store, `http://127.0.0.1:${await freePort()}`, ring),
    ).rejects.toMatchObject(said('nothing listens there (ECONNREFUSED)'));
  });

  it.each([
    [503, '', 'it answered 503'],
    [200, '{"items":[{}]}', 'its answer is of another form: items.0.id: is missing: expected text'],
  ])('is told of where it answers %i %s', async (status, body, words) => {
    answer = [status, body];
    const { message, ...error } = said(words);
    await expect(learnPublications(store, url, ring)).rejects.toMatchObject({
      ...error,
      message: expect.stringContaining(message) as string,
    });
  });
});
