import type { GridJob, GridJobWithAll, JobAttempt, JobGroup, JobGroupWithAll } from '#api';
import { permanent } from '#errors';
import { isProblem } from '../../clients/problem-error.js';
import type { RegistryClient } from '../../clients/registry.client.js';
import { usage } from '../../errors/usage.js';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const beginning = /^[0-9a-f-]{4,36}$/;
/** Beginnings of ids are looked for among so many, the newest. */
const mostSearched = 1_000;

/** What somebody named: a group, or one job. */
export type Named =
  | { readonly kind: 'group'; readonly group: JobGroupWithAll }
  | { readonly kind: 'job'; readonly job: GridJobWithAll };

/** @throws `command.usage`, `command.not_found`, and what the registry refuses */
export async function findNamed(registry: RegistryClient, text: string): Promise<Named> {
  const [, id = '', number] = /^([^/]+)(?:\/(\d+))?$/.exec(text.toLowerCase()) ?? [];
  if (!beginning.test(id)) throw usage(`"${text}" is no id: expected 4 hexadecimal digits of it at least`);
  const named = uuid.test(id) ? await byId(registry, id) : await byBeginning(registry, id);
  if (number === undefined) return named;
  if (named.kind === 'job') throw usage(`"${id}" is a job already: leave /${number} out`);
  return { kind: 'job', job: await nthOf(registry, named.group, Number(number)) };
}

/** The one job that somebody named; of a group of one, its job. */
export async function findJob(registry: RegistryClient, text: string): Promise<GridJobWithAll> {
  const named = await findNamed(registry, text);
  if (named.kind === 'job') return named.job;
  if (named.group.jobs === 1) return nthOf(registry, named.group, 0);
  throw usage(`${text} is a group of ${named.group.jobs} jobs: say which one, e.g. ${text}/0`);
}

/** The latest attempt of a job, or the one of this number. */
export function attemptOf(job: GridJobWithAll, number: number | undefined): JobAttempt {
  const found =
    number === undefined ? job.attempts.at(-1) : job.attempts.find((one) => one.number === number);
  if (found) return found;
  throw permanent(
    'command.not_found',
    `the job has had ${job.attempts.length} attempts, no number ${number ?? 1}`,
  );
}

async function byId(registry: RegistryClient, id: string): Promise<Named> {
  try {
    return { kind: 'group', group: await registry.get<JobGroupWithAll>(`/groups/${id}`) };
  } catch (error) {
    if (!isProblem(error, 404)) throw error;
    return { kind: 'job', job: await registry.get<GridJobWithAll>(`/jobs/${id}`) };
  }
}

async function byBeginning(registry: RegistryClient, text: string): Promise<Named> {
  const groups = await registry.all<JobGroup>('/groups', {}, mostSearched);
  const jobs = await registry.all<GridJob>('/jobs', {}, mostSearched);
  const ids = [...groups, ...jobs].map(({ id }) => id).filter((id) => id.startsWith(text));
  const [only, another] = ids;
  if (only === undefined)
    throw permanent(
      'command.not_found',
      `none of the newest groups and jobs has an id that begins with ${text}`,
    );
  if (another !== undefined) throw usage(`${ids.length} ids begin with ${text}: say more of it`);
  return byId(registry, only);
}

async function nthOf(registry: RegistryClient, group: JobGroup, number: number): Promise<GridJobWithAll> {
  const jobs = await registry.all<GridJob>(`/groups/${group.id}/jobs`, {}, number + 1);
  const job = jobs.find(({ index }) => index === number);
  if (job) return registry.get<GridJobWithAll>(`/jobs/${job.id}`);
  throw permanent('command.not_found', `the group has ${group.jobs} jobs, from 0 on: there is no ${number}`);
}
