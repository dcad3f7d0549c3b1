import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { password } from './repository.js';
import { script, variable } from './run-ci-job.js';
import { openWorld, type World } from './world.js';

const content = 'as large as a file may be\n';
const oid = createHash('sha256').update(content).digest('hex');
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;

function needGitLfs(): void {
  try {
    execFileSync('git', ['lfs', 'version'], { stdio: 'ignore' });
  } catch (cause) {
    throw new Error('git-lfs is missing; install: apt-get install git-lfs', { cause });
  }
}

// Real: git and git-lfs over HTTP, the job's wrapper.
describe('a repository with files in Git LFS', () => {
  let world: World;
  const asked: string[] = [];

  beforeAll(async () => {
    needGitLfs();
    world = await openWorld({
      '.gitattributes': '*.dat filter=lfs diff=lfs merge=lfs -text\n',
      'run.dat': pointer,
    });
    world.server.answer = (request, response) => {
      const { url = '' } = request;
      if (!url.includes('/info/lfs/')) return false;
      const own = `Basic ${Buffer.from(`gitlab-ci-token:${password}`).toString('base64')}`;
      if (request.headers.authorization !== own)
        response.writeHead(401, { 'lfs-authenticate': 'Basic' }).end();
      else if (url.endsWith('/objects/batch')) void batch(request, response);
      else response.end(content);
      return true;
    };
  });
  beforeEach(() => void (asked.length = 0));
  afterAll(() => world.close());

  const batch = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { objects } = JSON.parse(await text(request)) as { objects: { oid: string; size: number }[] };
    asked.push(...objects.map((object) => object.oid));
    const href = `${world.server.url}/group/project.git/info/lfs/objects/${oid}`;
    const header = { authorization: request.headers.authorization };
    const found = objects.map((object) => ({ ...object, actions: { download: { href, header } } }));
    response.setHeader('content-type', 'application/vnd.git-lfs+json');
    response.end(JSON.stringify({ transfer: 'basic', objects: found }));
  };

  it('is checked out with them, by the credential of the job', async () => {
    const { code, log } = await world.run({ steps: [script('cat run.dat')] });
    expect({ code, log }).toMatchObject({ code: 0 });
    expect(log).toContain(`\n${content}`);
    expect(asked).toEqual([oid]);
  });

  it('is left with the pointers where GIT_LFS_SKIP_SMUDGE says so', async () => {
    const { code, log } = await world.run({
      variables: [variable('GIT_LFS_SKIP_SMUDGE', '1')],
      steps: [script('cat run.dat')],
    });
    expect({ code, log }).toMatchObject({ code: 0 });
    expect(log).toContain(`oid sha256:${oid}\n`);
    expect(asked).toEqual([]);
  });
});
