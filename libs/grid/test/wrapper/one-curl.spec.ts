import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenOnFreePort } from '#embedded';
import { beginJob, type EndedJob, shells, step } from './run-job.js';

/** A monitor that only answers. */
class Answering {
  readonly calls: string[] = [];
  connections = 0;
  log = '';
  start = { status: 200, body: 'action=continue\noutputs=1000\nnow=1700000000\n' };
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (data: Buffer) => (body += data.toString()));
      request.on('end', () => {
        const [call = '', offset] = (request.url ?? '').replace(/^.*\//, '').split('?offset=');
        this.calls.push(call);
        if (call === 'log') this.log = this.log.slice(0, Number(offset)) + body;
        response.statusCode = call === 'start' ? this.start.status : 200;
        response.end(call === 'start' ? this.start.body : `action=continue\nnext=${this.log.length}\n`);
      });
    });
    this.server.on('connection', () => (this.connections += 1));
  }

  async open(): Promise<string> {
    return `http://127.0.0.1:${await listenOnFreePort(this.server)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('a job that is short', () => {
  let monitor: Answering;
  let url: string;
  const left: string[] = [];

  beforeEach(async () => {
    monitor = new Answering();
    url = await monitor.open();
  });
  afterEach(() => monitor.close());
  afterAll(() => {
    for (const directory of left) rmSync(directory, { recursive: true, force: true });
  });

  const run = async (
    script: string,
    more: Partial<Parameters<typeof beginJob>[0]> = {},
  ): Promise<EndedJob> => {
    const template = { steps: [step(script)] };
    // Its log would first be sent after an hour.
    const job = await beginJob({ template, monitorUrl: url, token: 't', logSeconds: 3_600, ...more });
    left.push(job.directory);
    return job.ended;
  };

  it.each(shells.slice(0, 2))(
    'makes all its calls by one curl, over one connection, under %s',
    async (_, shell) => {
      expect(await run('echo hello', { shell })).toEqual({ code: 0, said: 'slipway: succeeded\n' });
      expect(monitor.calls).toEqual(['start', 'log', 'end']);
      expect(monitor.connections).toBe(1);
      expect(monitor.log).toContain('hello\n');
    },
  );

  it('makes them one by one where curl is too old for more', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-old-curl-'));
    left.push(directory);
    const old = '#!/bin/sh\nfor word; do [ "$word" != --fail-early ] || exit 2; done\n';
    writeFileSync(join(directory, 'curl'), `${old}PATH=\${PATH#*:} exec curl "$@"\n`);
    chmodSync(join(directory, 'curl'), 0o755);
    const environment = { PATH: `${directory}:${process.env.PATH}` };
    expect(await run('echo hello', { environment })).toEqual({ code: 0, said: 'slipway: succeeded\n' });
    expect(monitor.calls).toEqual(['start', 'log', 'end']);
    expect(monitor.log).toContain('hello\n');
  });

  it.each([
    ['is refused', { status: 403, body: 'error=begun by another session\n' }],
    ['is cancelled', { status: 200, body: 'action=cancel\nnow=1700000000\n' }],
  ])('runs nothing and says nothing more where its begin %s', async (_, start) => {
    monitor.start = start;
    const { code } = await run('echo hello');
    expect(code).toBe(77);
    expect(new Set(monitor.calls)).toEqual(new Set(['start']));
  });
});
