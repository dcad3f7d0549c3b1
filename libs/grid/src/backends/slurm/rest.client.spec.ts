import { createServer, type Server } from 'node:http';
import { listenOnFreePort } from '#embedded';
import type { GridIdentity } from '../../backend.js';
import type { JobDescription } from './job-description.js';
import { RestClient } from './rest.client.js';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdW4iOiJhZGEifQ.c2lnbmF0dXJl';
const own: GridIdentity = { name: 'robot', type: 'slurm-token', secret: () => jwt };
const call = { signal: AbortSignal.timeout(60_000) };
const job: JobDescription = {
  script: '#!/bin/sh\ntrue\n',
  name: 'a job',
  comment: 'house:id',
  cpus: 1,
  memoryMebibytes: 64,
  minutes: 1,
  nice: 0,
  output: '/dev/null',
  options: {},
};

// Real: HTTP on the loopback address. What answers stands in for what may stand before slurmrestd.
describe('slurmrestd behind something else', () => {
  let server: Server;
  let answer: { status: number; body: string; headers?: Record<string, string> };
  let heard: string[];
  let client: RestClient;
  let port: number;
  beforeEach(async () => {
    heard = [];
    server = createServer((request, response) => {
      heard.push(`${request.url ?? ''} ${String(request.headers['x-slurm-user-name'])}`);
      if ((request.url ?? '').endsWith('/ping/')) response.end('{"errors": []}');
      else response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    port = await listenOnFreePort(server);
    client = new RestClient(`http://127.0.0.1:${port}/slurm-api`, own);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    [502, '<html>Bad Gateway</html>', 'grid.unavailable'],
    [503, '', 'grid.unavailable'],
    [429, 'slow down', 'grid.unavailable'],
    [403, 'no', 'grid.unauthorized'],
    [200, '<html>Welcome</html>', 'grid.unavailable'],
    [
      200,
      '{"errors": [{"error_number": 2014, "error": "Requested node configuration is not available"}]}',
      'grid.refused',
    ],
    [
      500,
      '{"errors": [{"error_number": 1800, "error": "Unable to contact slurm controller"}]}',
      'grid.unavailable',
    ],
    [200, '{"job_id": 0}', 'grid.refused'],
  ])('that answers a submission with %i %s: %s', async (status, body, code) => {
    answer = { status, body };
    await expect(client.submit(job, call)).rejects.toMatchObject({ code });
  });

  it('counts a job that is there, whatever else is said', async () => {
    answer = { status: 200, body: '{"job_id": 7, "errors": [{"error_number": 1, "error": "a remark"}]}' };
    expect(await client.submit(job, call)).toBe('7');
    expect(heard).toEqual(['/slurm-api/slurm/v0.0.42/ping/ ada', '/slurm-api/slurm/v0.0.42/job/submit ada']);
  });

  it('hands its token to no other address', async () => {
    answer = { status: 307, body: '', headers: { location: '/elsewhere' } };
    await expect(client.submit(job, call)).rejects.toMatchObject({ code: 'grid.unavailable' });
    expect(heard.some((line) => line.startsWith('/elsewhere'))).toBe(false);
  });

  it('is told in words where nobody listens, without the token', async () => {
    server.close();
    await expect(client.submit(job, call)).rejects.toMatchObject({
      code: 'grid.unavailable',
      message: `slurmrestd at 127.0.0.1:${port} cannot be used: nothing listens there (ECONNREFUSED)`,
    });
  });
});
