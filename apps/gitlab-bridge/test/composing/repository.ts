import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { listenOnFreePort } from '#embedded';

/** Git repositories over HTTP, closed to who has not the password; and whatever else a GitLab answers in a test. */
export interface GitServer {
  readonly url: string;
  readonly directory: string;
  /** Answers before the repositories do; true: it has. */
  answer: (request: IncomingMessage, response: ServerResponse) => boolean;
  stop(): Promise<void>;
}

/** What the git server lets in by, as GitLab does by a job's token. */
export const password = 'the-password-of-the-job';

/** Runs git, away from whatever the account has set. */
export const git = (directory: string, ...args: readonly string[]): string =>
  execFileSync('git', args, {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      ...process.env,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.org',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.org',
    },
  }).trim();

/** @param tls its key and certificate (PEM); absent: plain HTTP */
export async function startGitServer(tls?: {
  readonly key: string;
  readonly cert: string;
}): Promise<GitServer> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-git-'));
  const gitServer = {
    url: '',
    directory,
    answer: (_request: IncomingMessage, _response: ServerResponse): boolean => false,
    stop: async (): Promise<void> => {
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
  const listener: RequestListener = (request, response) => {
    if (gitServer.answer(request, response)) return;
    const expected = `Basic ${Buffer.from(`gitlab-ci-token:${password}`).toString('base64')}`;
    if (request.headers.authorization === expected) serve(directory, request, response);
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="GitLab"' }).end();
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  gitServer.url = `${tls ? 'https' : 'http'}://127.0.0.1:${await listenOnFreePort(server)}`;
  return gitServer;
}

/** One request by git's own program for it, whose answer is headers, a blank line, and the body. */
function serve(directory: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: path,
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'gitlab-ci-token',
      REMOTE_ADDR: '127.0.0.1',
    },
  });
  request.pipe(child.stdin);
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.once('close', () => {
    const answer = Buffer.concat(pieces);
    const end = answer.indexOf('\r\n\r\n');
    const headers = answer.subarray(0, end).toString('latin1').split('\r\n');
    const fields = new Map(
      headers.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    response.statusCode = Number(fields.get('Status')?.split(' ')[0] ?? 200);
    for (const [name, value] of fields) if (name !== 'Status') response.setHeader(name, value);
    response.end(answer.subarray(end + 4));
  });
}

/** A repository at `<path>.git` with one commit on main; resolves with the SHA. */
export async function makeRepository(
  server: GitServer,
  path: string,
  files: Readonly<Record<string, string>>,
  before: (directory: string) => void = () => undefined,
): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'slipway-work-'));
  git(work, 'init', '--quiet', '--initial-branch', 'main');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(work, name)), { recursive: true });
    await writeFile(join(work, name), content);
  }
  before(work);
  git(work, 'add', '--all');
  git(work, 'commit', '--quiet', '--message', 'First');
  await mkdir(dirname(join(server.directory, path)), { recursive: true });
  git(work, 'clone', '--quiet', '--bare', '.', join(server.directory, `${path}.git`));
  const sha = git(work, 'rev-parse', 'HEAD');
  await rm(work, { recursive: true });
  return sha;
}
