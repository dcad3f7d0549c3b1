import { type Call, invalid, optionalText, refuse } from '../http/answer.js';
import { type Job } from '../job.js';
import { type Runner } from '../model.js';
import { type World } from '../world.js';

/** The runner whose token this is. Throws Refusals: 400 without one, 403 for an unknown one. */
export function runnerOf(world: World, body: Readonly<Record<string, unknown>>): Runner {
  const token = body['token'];
  if (token === undefined || token === null) throw invalid('token is missing');
  const runner = world.runners.find((each) => each.token === token);
  if (!runner) throw refuse(403);
  return runner;
}

/** The system id in the body, if it has one. Throws the Refusal 422 for one that GitLab would not keep. */
export function systemIdOf(body: Readonly<Record<string, unknown>>): string | undefined {
  const systemId = body['system_id'];
  if (systemId === undefined || systemId === null || systemId === '') return undefined;
  if (typeof systemId !== 'string' || !/^[sr]_[0-9a-zA-Z]{12}$/.test(systemId)) {
    throw refuse(422, '422 Validation failed: System xid is invalid');
  }
  return systemId;
}

/** The token of a job call: a good client sends it in the header too. */
export function jobTokenOf(call: Call, body: Readonly<Record<string, unknown>> = {}): string {
  const header = call.headers['job-token'];
  return optionalText(body, 'token') ?? call.query.get('token') ?? (typeof header === 'string' ? header : '');
}

/** The job of this call. Throws the Refusal 403, with Job-Status once the token was right: 404 would not stop a runner. */
export function jobOf(world: World, call: Call, token: string): Job {
  const job = world.job(Number(call.params['id']));
  if (!job) throw refuse(403);
  if (job.token !== token) throw refuse(403);
  if (job.erased) throw refuse(403, 'Job has been erased!');
  return job;
}

/** The same, where the job has to be with a runner. */
export function runningJobOf(world: World, call: Call, token: string): Job {
  const job = jobOf(world, call, token);
  if (job.state !== 'running' && job.state !== 'canceling' && !job.awaitsRunner) {
    throw refuse(403, 'Job is not processing on runner', { 'Job-Status': job.state });
  }
  job.heardAt = Date.now();
  return job;
}
