import { reasonsOf } from '#contracts';
import { permanent } from '#errors';
import type { z } from 'zod';
import type { Call, GridIdentity } from '../../backend.js';
import { asBody, type JobDescription } from './job-description.js';
import { refusal } from './refusals.js';
import * as answers from './rest-answers.js';
import { type RestAnswer, RestConnection } from './rest-connection.js';
import { RestStates } from './rest-states.js';
import type { SlurmClient } from './slurm-client.js';
import { inRanges, partsOf, type SlurmJob } from './slurm-job.js';
import { type SlurmToken, tokenOf } from './token.js';

/** Newest first. What a server does not offer answers 404. */
const versions = ['v0.0.42', 'v0.0.41', 'v0.0.40'];
const idsAtOnce = 200;

interface Question {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** Whether a refusal is one for good. */
  readonly final?: boolean;
}

/** Slurm by slurmrestd, with a JWT. */
export class RestClient implements SlurmClient {
  readonly #connection: RestConnection;
  readonly #own: GridIdentity | undefined;
  readonly #states = new RestStates(Date.now);
  #version: string | undefined;

  constructor(url: string, own: GridIdentity | undefined) {
    this.#connection = new RestConnection(url);
    this.#own = own;
  }

  async version(call: Call): Promise<string> {
    const { body } = await this.#ask({ path: 'slurm/%v/ping/' }, call);
    const release =
      /"release"\s*:\s*"([^"]{1,50})"/.exec(JSON.stringify(body))?.[1] ?? 'of an unknown version';
    return `${release}, slurmrestd ${this.#version ?? ''}`;
  }

  async submit(job: JobDescription, call: Call): Promise<string> {
    const question: Question = {
      method: 'POST',
      path: 'slurm/%v/job/submit',
      body: asBody(job),
      final: true,
    };
    const { body, words } = await this.#tell(question, call);
    const { success, data } = answers.submitted.safeParse(body);
    // There may be errors and a job all the same: then the job counts.
    if (data?.job_id) return String(data.job_id);
    // What is no answer of slurmrestd's at all is no refusal either.
    throw refusal(words, { final: success, subject: 'slurmrestd' });
  }

  async jobsWith(comment: string, call: Call): Promise<readonly SlurmJob[]> {
    const { user } = this.#token(call);
    const jobs = await this.#list('slurm/%v/jobs/', call);
    return jobs.filter((job) => job.comment === comment && job.user === user);
  }

  jobs(call: Call): Promise<readonly SlurmJob[]> {
    return this.#states.jobs({
      states: async () => {
        const answer = await this.#ask({ path: 'slurm/%v/jobs/state/' }, call, [404]);
        return answer.status === 404 ? undefined : read(answers.stateList, answer.body).jobs;
      },
      job: (id) => this.#list(`slurm/%v/job/${id}`, call),
      all: () => this.#list('slurm/%v/jobs/', call),
    });
  }

  async accounted(jobIds: readonly string[], call: Call): Promise<readonly SlurmJob[] | undefined> {
    const found: SlurmJob[] = [];
    for (const ids of chunks(jobIds)) {
      // It takes one id in each `step`, whatever its description says of commas.
      const query = new URLSearchParams();
      for (const id of ids) query.append('step', id);
      const path = `slurmdb/%v/jobs/?${query.toString()}`;
      const { status, body } = await this.#ask({ path }, call, [404]);
      if (status === 404) return undefined;
      found.push(...read(answers.accountedList, body).jobs);
    }
    return found;
  }

  async cancel(batchIds: readonly string[], call: Call): Promise<void> {
    const ids = batchIds.filter((id) => partsOf(id) !== undefined);
    // v0.0.40 ends one job or task at a time.
    const questions: readonly Question[] =
      (await this.#choose(call)) === 'v0.0.40'
        ? ids.map((id) => ({ method: 'DELETE', path: `slurm/%v/job/${id}` }))
        : [...chunks(inRanges(ids))].map((jobs) => ({
            method: 'DELETE',
            path: 'slurm/%v/jobs/',
            body: { jobs },
          }));
    for (const question of questions) this.#checkKilled(await this.#tell(question, call));
  }

  async show(batchId: string, call: Call): Promise<string | undefined> {
    const { body, words } = await this.#tell({ path: `slurm/%v/job/${encodeURIComponent(batchId)}` }, call);
    const jobs = typeof body === 'object' && body !== null && 'jobs' in body ? body.jobs : undefined;
    if (Array.isArray(jobs) && jobs.length > 0) return JSON.stringify(jobs, undefined, 2);
    if (words === '' || /invalid job id/i.test(words)) return undefined;
    throw refusal(words, { final: false, subject: 'slurmrestd' });
  }

  async nodesHaveDisk(call: Call): Promise<boolean> {
    const { body } = await this.#ask({ path: 'slurm/%v/nodes/' }, call);
    return read(answers.nodeList, body).nodes.some(({ temporary_disk: disk = 0 }) => disk > 0);
  }

  #checkKilled({ body, words }: Told): void {
    const { status = [] } = read(answers.killed, body);
    const said = status.flatMap(({ error }) =>
      error?.code ? [error.message ?? error.string ?? `error ${error.code}`] : [],
    );
    const matters = (line: string): boolean =>
      line !== '' && !/invalid job id|already complet|no error/i.test(line);
    const left = said.filter(matters);
    if (left.length > 0) throw refusal(left.join('\n'), { final: true, subject: 'slurmrestd' });
    // Of the whole request it says "Operation not permitted" where only the controller is away.
    const trouble = words.split('\n').filter(matters);
    if (trouble.length > 0) throw refusal(trouble.join('\n'), { final: false, subject: 'slurmrestd' });
  }

  async #list(path: string, call: Call): Promise<readonly answers.RestJob[]> {
    const { body, words } = await this.#tell({ path }, call);
    if (words !== '' && !/invalid job id/i.test(words))
      throw refusal(words, { final: false, subject: 'slurmrestd' });
    return words === '' ? read(answers.jobList, body).jobs : [];
  }

  /** Asks, and throws where the answer is an error; `bearable` are statuses that are answers. */
  async #ask(question: Question, call: Call, bearable: readonly number[] = []): Promise<Told> {
    const told = await this.#tell(question, call);
    // Another server may stand there by now.
    if (told.status === 404 && !bearable.includes(404)) this.#version = undefined;
    if (told.words !== '' && !bearable.includes(told.status))
      throw refusal(told.words, { final: question.final ?? false, subject: 'slurmrestd' });
    return told;
  }

  async #tell({ method = 'GET', path, body }: Question, call: Call): Promise<Told> {
    const version = await this.#choose(call);
    const token = this.#token(call);
    return withWords(await this.#connection.send(method, path.replace('%v', version), token, call, body));
  }

  async #choose(call: Call): Promise<string> {
    if (this.#version !== undefined) return this.#version;
    for (const version of versions) {
      const answer = await this.#connection.send('GET', `slurm/${version}/ping/`, this.#token(call), call);
      if (answer.status === 404) continue;
      const { words } = withWords(answer);
      if (words !== '') throw refusal(words, { final: false, subject: 'slurmrestd' });
      this.#version = version;
      return version;
    }
    const known = versions.join(', ');
    throw permanent('grid.refused', `slurmrestd offers none of ${known}`, { subject: 'slurmrestd' });
  }

  #token({ identity = this.#own }: Call): SlurmToken {
    if (identity !== undefined) return tokenOf(identity);
    throw permanent('grid.unauthorized', 'slurmrestd takes a slurm-token: the backend has no credential');
  }
}

interface Told extends RestAnswer {
  /** What is wrong, a line each; empty when nothing is. */
  readonly words: string;
}

/** The errors of an answer count, whatever its status says. */
function withWords(answer: RestAnswer): Told {
  const { errors } = answers.answer.safeParse(answer.body).data ?? { errors: [] };
  const said = errors.map(({ description, error, error_number: number }) =>
    [description, error ?? (number === undefined ? undefined : `error ${number}`)].filter(Boolean).join(': '),
  );
  const words = said.join('\n');
  if (words !== '' || answer.status < 400) return { ...answer, words };
  const text = typeof answer.body === 'string' ? answer.body.slice(0, 500) : 'no reason given';
  return { ...answer, words: `${meaningOf(answer.status)}HTTP ${answer.status}: ${text}` };
}

/** What a status says by itself: not Slurm spoke, but what stands before it. */
function meaningOf(status: number): string {
  if (status === 401 || status === 403) return 'authentication failed: ';
  return status >= 500 || status === 408 || status === 429 ? 'unable to contact slurmrestd: ' : '';
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const why = reasonsOf(schema, body, 1, 'it');
  throw refusal(`an answer that nobody foresaw: ${why}`, { final: false, subject: 'slurmrestd' });
}

function* chunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += idsAtOnce) yield ids.slice(at, at + idsAtOnce);
}
