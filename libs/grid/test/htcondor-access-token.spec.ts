import { createServer, type Server } from 'node:http';
import { listenOnFreePort } from '#embedded';
import type { GridIdentity } from '#grid';
import { derivedName, gridDeadlineMs, issueTokens, sharedCondor, type TokenMint, whyNoGrid } from '#lab';
import { submissionOf } from './conformance.js';
import { type HtcondorWorld, htcondorWorld } from './htcondor-world.js';

const reason = whyNoGrid();
const name = derivedName(import.meta.url, '-');

// Real: the run's HTCondor. Stand-in: the issuer, whose tokens HTCondor trusts.
(reason === undefined ? describe : describe.skip)(reason ?? 'client credentials at a token issuer', () => {
  let server: Server;
  let mint: TokenMint;
  let world: HtcondorWorld;
  let grants = 0;
  const client = { type: 'iam-client', username: 'slip:way', secret: () => 'correct horse' } as const;
  const identity: GridIdentity = { name: 'gateway', ...client };

  beforeAll(async () => {
    const condor = await sharedCondor();
    mint = await issueTokens(condor);
    server = issuer((parameters) => {
      grants += 1;
      expect(parameters.get('audience')).toBe(mint.audience);
      return mint.token('gateway', parameters.get('scope') ?? '');
    });
    const port = await listenOnFreePort(server);
    const settings = {
      // Its certificate is for a name.
      pool: condor.pool.replace('127.0.0.1', 'localhost'),
      schedd: condor.schedd,
      tokenIssuer: `http://127.0.0.1:${port}/`,
      tokenAudience: mint.audience,
    };
    world = await htcondorWorld(condor, name, settings, identity);
  }, gridDeadlineMs);
  afterAll(() => server?.close());

  it('become one token, with which jobs are submitted, followed, collected and cancelled', async () => {
    const { backend, call } = world;
    const submission = submissionOf(['exit 5', 'sleep 600']);
    const [short, long] = (await backend.submit(submission, call)).map(({ batchId }) => batchId);
    const report = await world.until(short ?? '', 'a job to end', ({ state }) => state === 'ended');
    expect(report).toMatchObject({ exitCode: 5 });
    expect(await backend.collect(short ?? '', world.condor.workDirectory(`${name}-back`), call)).toContain(
      'slipway.log',
    );
    await backend.cancel([long ?? ''], call);
    await world.until(long ?? '', 'a job to be gone', ({ state }) => state === 'gone');
    expect(await backend.find(submission, call)).toHaveLength(2);
    expect(grants).toBe(1);
  });

  it('that the issuer refuses are refused for good, in its words and without the secret', async () => {
    const call = { ...world.call, identity: { ...identity, secret: () => 'hunter2' } };
    const error: unknown = await world.backend
      .submit(submissionOf(['true']), call)
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'grid.unauthorized', temporary: false });
    expect(String(error)).toContain('invalid_client');
    expect(String(error)).not.toContain('hunter2');
  });

  it('are a matter of time where the issuer does not answer', async () => {
    const nowhere = await htcondorWorld(
      world.condor,
      `${name}-away`,
      { tokenIssuer: 'http://127.0.0.1:1/' },
      identity,
    );
    await expect(nowhere.backend.submit(submissionOf(['true']), nowhere.call)).rejects.toMatchObject({
      code: 'grid.unavailable',
      temporary: true,
    });
  });
});

/** An issuer with one client, who says so by HTTP Basic. */
function issuer(grant: (parameters: URLSearchParams) => string): Server {
  const basic = `Basic ${Buffer.from('slip%3Away:correct+horse').toString('base64')}`;
  return createServer((request, response) => {
    const answer = (status: number, body: object): unknown =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/.well-known/openid-configuration')
      return answer(200, { token_endpoint: `http://${request.headers.host}/token` });
    if (request.headers.authorization !== basic) return answer(401, { error: 'invalid_client' });
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    return request.on('end', () =>
      answer(200, { access_token: grant(new URLSearchParams(text)), expires_in: 600, token_type: 'Bearer' }),
    );
  });
}
