import { type Answer, jsonBody, optionalText, refuse, required } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { type ProjectVariable } from '../model.js';
import { runPipeline } from '../pipeline.js';
import { type World } from '../world.js';
import { personOf, projectOf } from './identity.js';
import { shownJob } from './jobs.js';

/** Starting pipelines and looking at them, for tools that have a personal access token. */
export function pipelineRoutes(world: World): readonly Route[] {
  return [
    {
      name: 'run-pipeline',
      method: 'POST',
      pattern: '/api/v4/projects/:project/pipeline',
      handle: async (call): Promise<Answer> => {
        const user = personOf(world, call);
        const project = projectOf(world, call, user);
        const body = { ...Object.fromEntries(call.query), ...(await jsonBody(call)) };
        const variables = Array.isArray(body['variables']) ? (body['variables'] as ProjectVariable[]) : [];
        const ref = required(body, 'ref');
        const pipeline = await runPipeline(world, project, { ref, user, variables, source: 'api' }).catch(
          (error: unknown) => {
            throw refuse(
              400,
              `400 Bad request - {"base"=>["${error instanceof Error ? error.message : ''}"]}`,
            );
          },
        );
        const { id, iid, sha } = pipeline;
        return { status: 201, body: { id, iid, sha, ref, project_id: project.id, status: 'created' } };
      },
    },
    {
      name: 'pipeline-jobs',
      method: 'GET',
      pattern: '/api/v4/projects/:project/pipelines/:id/jobs',
      handle: (call) => {
        const project = projectOf(world, call, personOf(world, call));
        const pipeline = world.pipelines.find(
          (each) => each.project === project && String(each.id) === call.params['id'],
        );
        if (!pipeline) throw refuse(404);
        const scope = optionalText(Object.fromEntries(call.query), 'scope');
        const jobs = world.jobsOf(pipeline).filter(({ state }) => (scope ?? state) === state);
        return { status: 200, body: jobs.map((job) => shownJob(world, job)) };
      },
    },
  ];
}
