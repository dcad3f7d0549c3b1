import { type Answer, jsonBody, refuse } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { type World } from '../world.js';
import { runnerOf, systemIdOf } from './identity.js';

/** What runners call about themselves. */
export function runnerRoutes(world: World): readonly Route[] {
  return [
    {
      name: 'register',
      method: 'POST',
      pattern: '/api/v4/runners',
      // As where registration tokens are switched off: today a runner is made in GitLab, which gives its token.
      handle: () => ({ status: 410, body: { message: '410 Gone - Runner registration disallowed' } }),
    },
    {
      name: 'verify',
      method: 'POST',
      pattern: '/api/v4/runners/verify',
      handle: async (call): Promise<Answer> => {
        const body = await jsonBody(call);
        const runner = runnerOf(world, body);
        const systemId = systemIdOf(body);
        if (systemId !== undefined) world.remember(runner, systemId, body['info'] ?? {});
        return { status: 200, body: { id: runner.id, token: runner.token, token_expires_at: null } };
      },
    },
    {
      name: 'unregister-manager',
      method: 'DELETE',
      pattern: '/api/v4/runners/managers',
      handle: async (call): Promise<Answer> => {
        const body = { ...Object.fromEntries(call.query), ...(await jsonBody(call)) };
        const runner = runnerOf(world, body);
        const systemId = systemIdOf(body);
        if (systemId === undefined) throw refuse(400, '400 Bad request - system_id is missing');
        if (!runner.managers.delete(systemId)) throw refuse(404, '404 Runner manager Not Found');
        return { status: 204 };
      },
    },
    {
      name: 'unregister',
      method: 'DELETE',
      pattern: '/api/v4/runners',
      handle: async (call): Promise<Answer> => {
        const runner = runnerOf(world, { ...Object.fromEntries(call.query), ...(await jsonBody(call)) });
        world.runners.splice(world.runners.indexOf(runner), 1);
        return { status: 204 };
      },
    },
  ];
}
