import { cancel } from '../ci/cancel.js';
import { type Call, refuse } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { type Job } from '../job.js';
import { type World } from '../world.js';
import { personOf, projectOf } from './identity.js';

/** The jobs API: what people, and jobs themselves, ask about jobs. */
export function jobRoutes(world: World): readonly Route[] {
  const of = '/api/v4/projects/:project/jobs/:id';
  return [
    {
      name: 'own-job',
      method: 'GET',
      pattern: '/api/v4/job',
      handle: (call) => ({ status: 200, body: shownJob(world, jobCalling(world, call)) }),
    },
    {
      name: 'job',
      method: 'GET',
      pattern: of,
      handle: (call) => ({ status: 200, body: shownJob(world, jobIn(world, call)) }),
    },
    {
      name: 'job-trace',
      method: 'GET',
      pattern: `${of}/trace`,
      handle: (call) => ({
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: jobIn(world, call).trace,
      }),
    },
    {
      name: 'job-artifacts',
      method: 'GET',
      pattern: `${of}/artifacts`,
      handle: (call) => {
        const archive = jobIn(world, call).artifacts.find(({ type }) => type === 'archive');
        if (!archive) throw refuse(404);
        return { status: 200, headers: { 'content-type': 'application/zip' }, body: archive.bytes };
      },
    },
    {
      name: 'cancel',
      method: 'POST',
      pattern: `${of}/cancel`,
      handle: (call) => {
        const job = jobIn(world, call);
        cancel(job, call.query.get('force') === 'true');
        return { status: 201, body: shownJob(world, job) };
      },
    },
  ];
}

/** The running job whose token it calls with. */
function jobCalling(world: World, call: Call): Job {
  const job = world.jobs.find(
    ({ token, state }) => token === call.headers['job-token'] && state === 'running',
  );
  if (!job) throw refuse(401);
  return job;
}

function jobIn(world: World, call: Call): Job {
  const project = projectOf(world, call, personOf(world, call));
  const job = world.job(Number(call.params['id']));
  if (job?.pipeline.project !== project || !job) throw refuse(404);
  return job;
}

/** A job as the jobs API shows it. */
export function shownJob(world: World, job: Job): object {
  const { pipeline } = job;
  return {
    id: job.id,
    status: job.state,
    stage: job.definition.stage,
    name: job.name,
    ref: pipeline.ref,
    tag: pipeline.tag,
    allow_failure: job.definition.allowFailure === true,
    failure_reason: job.failureReason,
    exit_code: job.exitCode,
    web_url: `${world.url}/${pipeline.project.path}/-/jobs/${job.id}`,
    user: { id: pipeline.user.id, username: pipeline.user.login, name: pipeline.user.name },
    pipeline: { id: pipeline.id, project_id: pipeline.project.id, ref: pipeline.ref, sha: pipeline.sha },
    artifacts: job.artifacts.map(({ type, format, filename, bytes }) => ({
      file_type: type,
      file_format: format,
      filename,
      size: bytes.length,
    })),
  };
}
