import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Answer, type Call } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { type Project } from '../model.js';
import { type World } from '../world.js';

/** The smart HTTP protocol of git, reading only: a job's token may not push. */
export function gitRoutes(world: World): readonly Route[] {
  return [
    {
      name: 'git-refs',
      method: 'GET',
      pattern: '/*path/info/refs',
      handle: async (call) => {
        if (call.query.get('service') !== 'git-upload-pack') return { status: 403, body: '' };
        return serve(world, call, ['--advertise-refs']);
      },
    },
    {
      name: 'git-pack',
      method: 'POST',
      pattern: '/*path/git-upload-pack',
      handle: async (call) => serve(world, call, []),
    },
  ];
}

async function serve(world: World, call: Call, options: readonly string[]): Promise<Answer | undefined> {
  const project = opened(world, call);
  if ('status' in project) return project;
  const advertises = options.length > 0;
  const kind = advertises ? 'advertisement' : 'result';
  call.response.writeHead(200, {
    'content-type': `application/x-git-upload-pack-${kind}`,
    'cache-control': 'no-cache',
  });
  const version = call.headers['git-protocol'];
  const child = spawn('git', ['upload-pack', '--stateless-rpc', ...options, project.repository], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      HOME: project.repository,
      GIT_CONFIG_NOSYSTEM: '1',
      ...(typeof version === 'string' ? { GIT_PROTOCOL: version } : {}),
    },
  });
  call.gone.addEventListener('abort', () => child.kill());
  if (advertises) {
    child.stdin.end();
    if (version !== 'version=2') call.response.write('001e# service=git-upload-pack\n0000');
  } else {
    const body = call.request;
    const unpacked = call.headers['content-encoding'] === 'gzip' ? body.pipe(createGunzip()) : body;
    pipeline(unpacked, child.stdin).catch(() => undefined);
  }
  // A client that went away has what it wanted, or asks again.
  await pipeline(child.stdout, call.response).catch(() => undefined);
  return undefined;
}

/** The project at the path of the call, where whoever calls may read it; else what is answered. */
export function opened(world: World, call: Call): Project | Answer {
  const path = (call.params['path'] ?? '').replace(/\.git$/, '');
  const project = world.projects.find((each) => each.path === path);
  return refusalOf(world, call) ?? project ?? missing;
}

const missing: Answer = { status: 404, body: 'The project you were looking for could not be found.' };

/** A running job's token opens the projects that it may read; who may not read one does not hear that it is there. */
function refusalOf(world: World, call: Call): Answer | undefined {
  const [scheme, encoded = ''] = (call.headers.authorization ?? '').split(' ');
  if (scheme !== 'Basic') {
    return {
      status: 401,
      headers: { 'WWW-Authenticate': 'Basic realm="GitLab"' },
      body: 'HTTP Basic: Access denied',
    };
  }
  const credentials = Buffer.from(encoded, 'base64').toString('utf8');
  const password = credentials.slice(credentials.indexOf(':') + 1);
  const job = credentials.startsWith('gitlab-ci-token:')
    ? world.jobs.find(({ token }) => token === password)
    : undefined;
  const isJob = job && (job.state === 'running' || job.state === 'canceling' || job.awaitsRunner);
  if (!isJob && !world.tokens.has(password)) {
    return {
      status: 401,
      headers: { 'WWW-Authenticate': 'Basic realm="GitLab"' },
      body: 'HTTP Basic: Access denied',
    };
  }
  return undefined;
}
