import { featuresOf } from '../ci/features.js';
import { payloadOf } from '../ci/payload.js';
import { type Answer, type Call, invalid, jsonBody } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { type Job } from '../job.js';
import { type Runner, type RunnerInfo } from '../model.js';
import { type World } from '../world.js';
import { runnerOf, systemIdOf } from './identity.js';

/** `POST /jobs/request`: a job, or 204 after up to `longPollMs` where there is none. */
export function jobRequestRoute(world: World): Route {
  return {
    name: 'request',
    method: 'POST',
    pattern: '/api/v4/jobs/request',
    handle: async (call) => request(world, call),
  };
}

async function request(world: World, call: Call): Promise<Answer> {
  const body = await jsonBody(call);
  const lastUpdate = body['last_update'];
  if (lastUpdate !== undefined && lastUpdate !== null && typeof lastUpdate !== 'string') {
    throw invalid('last_update is invalid');
  }
  const runner = runnerOf(world, body);
  const systemId = systemIdOf(body);
  const info = (body['info'] ?? {}) as RunnerInfo;
  if (call.headers['runner-token'] !== runner.token) {
    complain(world, 'a request for a job without the header RUNNER-TOKEN');
  }
  if (systemId === undefined) complain(world, 'a request for a job without system_id');
  else world.remember(runner, systemId, info);
  world.reclaim();
  if (runner.paused) return nothing(runner.queueValue);
  if (lastUpdate === runner.queueValue) {
    await world.untilTick(world.limits.longPollMs, call.gone);
    if (lastUpdate === runner.queueValue) return nothing(runner.queueValue);
    if (call.gone.aborted) {
      // Where this happens in GitLab, the job is with a runner that never hears of it, for an hour.
      complain(world, 'a request for a job was aborted while GitLab held it');
      return nothing(runner.queueValue);
    }
  }
  const { queueValue } = runner;
  const job = pick(world, runner, info);
  if (!job) return nothing(queueValue);
  job.runner = runner;
  job.systemId = systemId;
  job.cancelsGracefully = info.features?.['cancel_gracefully'] === true;
  world.assign(job, world.twoPhases && info.features?.['two_phase_job_commit'] === true);
  return { status: 201, body: payloadOf(world, job) };
}

function nothing(queueValue: string): Answer {
  return { status: 204, headers: { 'X-GitLab-Last-Update': queueValue } };
}

/** The oldest job that this runner may have. One that needs what the runner cannot fails at once, as in GitLab. */
function pick(world: World, runner: Runner, info: RunnerInfo): Job | undefined {
  for (const job of world.pending()) {
    if (!fits(runner, job)) continue;
    if (featuresOf(job.definition).every((feature) => info.features?.[feature] === true)) return job;
    job.drop('runner_unsupported');
  }
  return undefined;
}

function fits({ projects, tags, runUntagged }: Runner, { definition, pipeline }: Job): boolean {
  if (projects !== undefined && !projects.includes(pipeline.project.id)) return false;
  if (definition.tags.length === 0) return runUntagged;
  return definition.tags.every((tag) => tags.includes(tag));
}

function complain(world: World, words: string): void {
  world.complaints.push(words);
}
