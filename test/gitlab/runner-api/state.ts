import { crc32 } from '../crc32.js';
import { failureReasons } from '../ci/payload.js';
import { type Answer, type Call, invalid, jsonBody, optionalText, required } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { type Job } from '../job.js';
import { type StateUpdate } from '../model.js';
import { type World } from '../world.js';
import { jobOf, jobTokenOf, runningJobOf } from './identity.js';

/** After so long a final PUT is taken even though the trace is not stored. */
const storingMs = 5 * 60 * 1_000;

/** `PUT /jobs/:id`: that a runner has the job, that it still does, and how the job ended. */
export function stateRoute(world: World): Route {
  return {
    name: 'update',
    method: 'PUT',
    pattern: '/api/v4/jobs/:id',
    handle: async (call) => put(world, call),
  };
}

async function put(world: World, call: Call): Promise<Answer> {
  const body = await jsonBody(call);
  required(body, 'token');
  if (call.headers['job-token'] !== body['token'])
    world.complaints.push('a PUT without the header JOB-TOKEN');
  const token = jobTokenOf(call, body);
  const known = jobOf(world, call, token);
  const update = updateOf(body);
  if (known.awaitsRunner && known.state === 'pending') return acknowledge(known, update);
  const job = runningJobOf(world, call, token);
  job.updates.push(update);
  if (update.state === 'running') return done(200, { 'Job-Status': job.state });
  if (update.state !== 'success' && update.state !== 'failed') return done(400);
  return finish(world, job, update);
}

/** The second phase, in which a runner confirms that it has the job. */
function acknowledge(job: Job, update: StateUpdate): Answer {
  job.heardAt = Date.now();
  if (update.state === 'pending') return done(200);
  if (update.state !== 'running') return done(400);
  job.updates.push(update);
  job.awaitsRunner = false;
  job.become('running');
  return done(200);
}

function finish(world: World, job: Job, update: StateUpdate): Answer {
  const checksum = update.output?.checksum ?? update.checksum;
  if (checksum !== undefined) {
    const answer = storing(world, job);
    if (answer) return answer;
    const reason = mismatch(job, checksum, update.output?.bytesize);
    if (reason !== undefined) {
      world.complaints.push(`job ${job.id}: ${reason}`);
      job.forgetTrace();
      job.storing = undefined;
      return done(412);
    }
  }
  if (update.state === 'success') job.become(job.state === 'canceling' ? 'canceled' : 'success');
  else job.drop(reasonOf(update.failure_reason), update.exit_code);
  return done(200);
}

/** 202 as long as the trace is on its way to where traces are kept. */
function storing(world: World, job: Job): Answer | undefined {
  job.storing ??= { since: Date.now(), puts: 0 };
  const { since, puts } = job.storing;
  if (puts >= world.limits.storingPuts || job.traceSize === 0 || Date.now() - since > storingMs)
    return undefined;
  job.storing.puts += 1;
  return done(202, { 'X-GitLab-Trace-Update-Interval': String(world.limits.storingIntervalSeconds) });
}

function mismatch(job: Job, checksum: string, bytesize: number | undefined): string | undefined {
  const own = `crc32:${crc32(job.trace).toString(16).padStart(8, '0')}`;
  if (bytesize !== undefined && bytesize !== job.traceSize)
    return `${bytesize} bytes said, ${job.traceSize} came`;
  return checksum === own ? undefined : `checksum ${checksum} said, ${own} came`;
}

function reasonOf(given: string | undefined): string {
  if (given === undefined) return 'script_failure';
  return failureReasons.includes(given) ? given : 'unknown_failure';
}

function updateOf(body: Readonly<Record<string, unknown>>): StateUpdate {
  const exitCode = body['exit_code'];
  if (exitCode !== undefined && exitCode !== null && !Number.isInteger(exitCode))
    throw invalid('exit_code is invalid');
  const output = body['output'];
  if (output !== undefined && output !== null && typeof output !== 'object')
    throw invalid('output is invalid');
  const size = output && 'bytesize' in output ? output.bytesize : undefined;
  if (size !== undefined && size !== null && !Number.isInteger(size))
    throw invalid('output[bytesize] is invalid');
  const { token: _token, ...rest } = body;
  const given = Object.entries(rest).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(given), state: optionalText(body, 'state') ?? '' };
}

function done(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: String(status) };
}
