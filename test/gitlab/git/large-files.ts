import { createHash } from 'node:crypto';
import { type Answer, type Call, refuse } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { type Project } from '../model.js';
import { type World } from '../world.js';
import { opened } from './http.js';

const type = 'application/vnd.git-lfs+json';

/** Git LFS, reading only: what a repository holds pointers to. */
export function largeFileRoutes(world: World): readonly Route[] {
  return [
    {
      name: 'git-lfs',
      method: 'POST',
      pattern: '/*path/info/lfs/objects/batch',
      handle: async (call) => batch(world, call),
    },
    {
      name: 'git-lfs-object',
      method: 'GET',
      pattern: '/*path/gitlab-lfs/objects/:oid',
      handle: (call) => object(world, call),
    },
  ];
}

/** What stands in the repository for a file that lies beside it. */
export function pointerTo(project: Project, content: Buffer): string {
  const oid = createHash('sha256').update(content).digest('hex');
  project.largeFiles.set(oid, content);
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;
}

async function batch(world: World, call: Call): Promise<Answer> {
  const project = opened(world, call);
  if ('status' in project) return project;
  if (!(call.headers['content-type'] ?? '').startsWith(type)) throw refuse(415);
  const { operation, objects = [] } = JSON.parse((await call.body()).toString('utf8')) as {
    readonly operation?: string;
    readonly objects?: readonly { readonly oid: string; readonly size: number }[];
  };
  if (operation !== 'download') throw refuse(403);
  const { authorization = '' } = call.headers;
  const found = objects.map(({ oid, size }) =>
    project.largeFiles.has(oid)
      ? {
          oid,
          size,
          authenticated: true,
          actions: {
            download: {
              href: `${world.url}/${project.path}.git/gitlab-lfs/objects/${oid}`,
              header: { Authorization: authorization },
            },
          },
        }
      : { oid, size, error: { code: 404, message: 'Object does not exist on the server' } },
  );
  return { status: 200, headers: { 'content-type': type }, body: { transfer: 'basic', objects: found } };
}

function object(world: World, call: Call): Answer {
  const project = opened(world, call);
  if ('status' in project) return project;
  const bytes = project.largeFiles.get(call.params['oid'] ?? '');
  if (!bytes) throw refuse(404);
  return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: bytes };
}
