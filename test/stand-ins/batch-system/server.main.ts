import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { listenOnFreePort } from '#embedded';
import { z } from 'zod';
import { behaviour, type SimulatedJob, simulatedJob } from './simulated-job.js';

/**
 * A batch system that runs nothing, in a process of its own, so that it remembers what a killed service submitted. It
 * gives each submission new jobs, also one that it has already: whoever submits twice is seen to.
 */

let behaves = behaviour.parse({});
let cluster = 0;
let submissions = 0;
let polls = 0;
let cancellations = 0;
const jobs = new Map<string, SimulatedJob>();

const submission = z.object({
  id: z.string(),
  house: z.string(),
  attempts: z.array(z.string()),
  identity: z.string().optional(),
  runningAtOnce: z.int().optional(),
});

const change = z.object({ batchIds: z.array(z.string()), job: simulatedJob.partial() });

async function submit(body: unknown): Promise<unknown> {
  const { id, attempts, ...rest } = submission.parse(body);
  const { delayBeforeMs, delayAfterMs, refuse, words } = behaves;
  await delay(delayBeforeMs);
  if (refuse !== undefined) return { refused: refuse, words };
  cluster += 1;
  submissions += 1;
  const taken = attempts.map((attemptId, n): SimulatedJob => {
    const batchId = `${cluster}.${n}`;
    return { batchId, attemptId, submission: id, state: 'waiting', ...rest };
  });
  for (const job of taken) {
    jobs.set(job.batchId, job);
    if (behaves.startsAfterMs !== undefined) setTimeout(begin, behaves.startsAfterMs, job.batchId).unref();
  }
  await delay(delayAfterMs);
  return taken;
}

const alter = (batchId: string, to: Partial<SimulatedJob>): void => {
  const job = jobs.get(batchId);
  if (job && job.state !== 'ended' && job.state !== 'gone') jobs.set(batchId, { ...job, ...to });
};

function begin(batchId: string): void {
  alter(batchId, { state: 'running', node: 'simulated', startedAt: new Date().toISOString() });
  const end = { state: 'ended', exitCode: 0 } as const;
  if (behaves.endsAfterMs !== undefined)
    setTimeout(
      () => alter(batchId, { ...end, endedAt: new Date().toISOString() }),
      behaves.endsAfterMs,
    ).unref();
}

const routes: Readonly<Record<string, (body: unknown) => unknown>> = {
  '/submit': submit,
  '/find': (body) => {
    const { id } = z.object({ id: z.string() }).parse(body);
    return [...jobs.values()].filter((job) => job.submission === id);
  },
  '/poll': (body) => {
    polls += 1;
    const { house } = z.object({ house: z.string().optional() }).parse(body);
    return [...jobs.values()].filter((job) => house === undefined || job.house === house);
  },
  '/cancel': (body) => {
    const { batchIds } = z.object({ batchIds: z.array(z.string()) }).parse(body);
    cancellations += 1;
    if (behaves.losesCancellations > 0) {
      behaves = { ...behaves, losesCancellations: behaves.losesCancellations - 1 };
      return {};
    }
    const reason = { fault: 'cancelled', words: 'removed by its user' } as const;
    for (const id of batchIds) alter(id, { state: 'gone', reason, endedAt: new Date().toISOString() });
    return {};
  },
  '/forget': (body) => {
    for (const id of z.object({ batchIds: z.array(z.string()) }).parse(body).batchIds) jobs.delete(id);
    return {};
  },
  '/change': (body) => {
    const { batchIds, job } = change.parse(body);
    for (const id of batchIds) alter(id, job);
    return {};
  },
  '/behave': (body) => {
    behaves = behaviour.parse(body);
    return {};
  },
  '/counts': () => ({ submissions, polls, cancellations, jobs: jobs.size }),
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/';
  if (behaves.down && path !== '/behave') {
    request.socket.destroy();
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  const result = await routes[path]?.(body);
  response.writeHead(result === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(result ?? {}));
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    response.writeHead(500);
    response.end(String(error));
  });
});
process.stdout.write(`${await listenOnFreePort(server)}\n`);
// Whoever started it is gone: so is it.
process.stdin.on('end', () => process.exit(0)).resume();
