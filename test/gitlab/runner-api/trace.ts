import { type Answer, type Call, refuse } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { type World } from '../world.js';
import { jobTokenOf, runningJobOf } from './identity.js';

/** GitLab takes more in one PATCH, but a runner sends no more than this. */
const mostBytes = 1024 * 1024;

/** `PATCH /jobs/:id/trace`: bytes at their place; 416 says how long the trace is where they do not join. */
export function traceRoute(world: World): Route {
  return {
    name: 'trace',
    method: 'PATCH',
    pattern: '/api/v4/jobs/:id/trace',
    handle: async (call) => patch(world, call),
  };
}

async function patch(world: World, call: Call): Promise<Answer> {
  const bytes = await call.body();
  const job = runningJobOf(world, call, jobTokenOf(call));
  const type = call.headers['content-type'];
  if (type !== undefined && !/^text\/plain\b/.test(type)) {
    return { status: 415, body: { error: 'The provided content-type is not supported.' } };
  }
  const range = call.headers['content-range'];
  if (range === undefined) throw refuse(400, '400 Missing header Content-Range');
  const [first = '', last = ''] = range.split('-');
  // Like GitLab, which reads a number as far as it goes, and takes the end from the body's length.
  const start = Number.parseInt(first, 10) || 0;
  const end = start + bytes.length;
  if (range !== `${start}-${end - 1}`) {
    world.complaints.push(
      `Content-Range: ${range} for ${bytes.length} bytes (its end is ${last || 'missing'})`,
    );
  }
  if (bytes.length > mostBytes) world.complaints.push(`a PATCH of ${bytes.length} bytes`);
  if (bytes.length === 0) world.complaints.push('a PATCH without a byte');
  if (end >= world.limits.traceBytes) {
    job.drop('trace_size_exceeded');
    throw refuse(403);
  }
  if (start === job.traceSize) job.append(bytes);
  // What was there already, as a whole and up to the end, counts as written.
  if (job.traceSize !== end) {
    throw refuse(416, '416 Range Not Satisfiable', { Range: `0-${job.traceSize}` });
  }
  return {
    status: 202,
    headers: {
      'content-type': 'text/plain',
      'Job-Status': job.state,
      Range: `0-${job.traceSize}`,
      'X-GitLab-Trace-Update-Interval': String(world.limits.traceIntervalSeconds),
    },
  };
}
