import { type Answer, type Call, refuse } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { git } from '../git/repository.js';
import { type Job } from '../job.js';
import { type World } from '../world.js';
import { cancel } from '../ci/cancel.js';
import { personOf, projectOf } from './identity.js';

/** The few calls about projects and jobs that tools make beside a runner's. */
export function projectRoutes(world: World): readonly Route[] {
  const route = (
    name: string,
    method: string,
    rest: string,
    handle: (call: Call) => Answer | Promise<Answer>,
  ): Route => ({ name, method, pattern: `/api/v4/${rest}`, handle });
  const jobIn = (call: Call): Job => {
    const project = projectOf(world, call, personOf(world, call));
    const job = world.job(Number(call.params['id']));
    if (job?.pipeline.project !== project || !job) throw refuse(404);
    return job;
  };
  return [
    route('user', 'GET', 'user', (call) => {
      const { id, login, name, email } = personOf(world, call);
      return { status: 200, body: { id, username: login, name, email, state: 'active' } };
    }),
    route('own-job', 'GET', 'job', (call) => {
      const job = world.jobs.find(
        ({ token, state }) => token === call.headers['job-token'] && state === 'running',
      );
      if (!job) throw refuse(401);
      return { status: 200, body: shownJob(world, job) };
    }),
    route('project', 'GET', 'projects/:project', (call) => {
      const project = projectOf(world, call, personOf(world, call));
      return {
        status: 200,
        body: {
          id: project.id,
          path_with_namespace: project.path,
          default_branch: project.defaultBranch,
          web_url: `${world.url}/${project.path}`,
        },
      };
    }),
    route('member', 'GET', 'projects/:project/members/all/:user', (call) => {
      const project = projectOf(world, call, personOf(world, call));
      const id = Number(call.params['user']);
      const person = world.people.find((each) => each.id === id);
      const level = project.members.get(id);
      if (!person || level === undefined) throw refuse(404);
      return { status: 200, body: { id, username: person.login, name: person.name, access_level: level } };
    }),
    route('file', 'GET', 'projects/:project/repository/files/:file/raw', async (call) => {
      const project = projectOf(world, call, personOf(world, call));
      const ref = call.query.get('ref') ?? project.defaultBranch;
      const object = `${ref}:${call.params['file'] ?? ''}`;
      const body = await git(project.repository, ['cat-file', 'blob', object]).catch(() => undefined);
      if (body === undefined) throw refuse(404, '404 File Not Found');
      return { status: 200, headers: { 'content-type': 'text/plain' }, body };
    }),
    route('job', 'GET', 'projects/:project/jobs/:id', (call) => ({
      status: 200,
      body: shownJob(world, jobIn(call)),
    })),
    route('job-trace', 'GET', 'projects/:project/jobs/:id/trace', (call) => ({
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: jobIn(call).trace,
    })),
    route('job-artifacts', 'GET', 'projects/:project/jobs/:id/artifacts', (call) => {
      const archive = jobIn(call).artifacts.find(({ type }) => type === 'archive');
      if (!archive) throw refuse(404);
      return { status: 200, headers: { 'content-type': 'application/zip' }, body: archive.bytes };
    }),
    route('cancel', 'POST', 'projects/:project/jobs/:id/cancel', (call) => {
      const job = jobIn(call);
      cancel(job, call.query.get('force') === 'true');
      return { status: 201, body: shownJob(world, job) };
    }),
  ];
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
