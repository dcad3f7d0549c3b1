import { type Answer, type Call, refuse } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { git } from '../git/repository.js';
import { type World } from '../world.js';
import { personOf, projectOf } from './identity.js';

/** The few calls about projects and people that tools make beside a runner's. */
export function projectRoutes(world: World): readonly Route[] {
  const get = (
    name: string,
    rest: string,
    handle: (world: World, call: Call) => Answer | Promise<Answer>,
  ): Route => ({ name, method: 'GET', pattern: `/api/v4/${rest}`, handle: (call) => handle(world, call) });
  return [
    get('user', 'user', user),
    get('project', 'projects/:project', project),
    get('member', 'projects/:project/members/all/:user', member),
    get('file', 'projects/:project/repository/files/:file/raw', file),
  ];
}

function user(world: World, call: Call): Answer {
  const { id, login, name, email } = personOf(world, call);
  return { status: 200, body: { id, username: login, name, email, state: 'active' } };
}

function project(world: World, call: Call): Answer {
  const { id, path, defaultBranch } = projectOf(world, call, personOf(world, call));
  return {
    status: 200,
    body: {
      id,
      path_with_namespace: path,
      default_branch: defaultBranch,
      web_url: `${world.url}/${path}`,
    },
  };
}

function member(world: World, call: Call): Answer {
  const { members } = projectOf(world, call, personOf(world, call));
  const id = Number(call.params['user']);
  const person = world.people.find((each) => each.id === id);
  const level = members.get(id);
  if (!person || level === undefined) throw refuse(404);
  return { status: 200, body: { id, username: person.login, name: person.name, access_level: level } };
}

async function file(world: World, call: Call): Promise<Answer> {
  const { defaultBranch, repository } = projectOf(world, call, personOf(world, call));
  const ref = call.query.get('ref') ?? defaultBranch;
  const object = `${ref}:${call.params['file'] ?? ''}`;
  const body = await git(repository, ['cat-file', 'blob', object]).catch(() => undefined);
  if (body === undefined) throw refuse(404, '404 File Not Found');
  return { status: 200, headers: { 'content-type': 'text/plain' }, body };
}
