import { permanent } from '#errors';
import type { Call, GridIdentity } from '../../backend.js';
import * as answers from './answers.js';
import type { DiracxAnswer, DiracxConnection, DiracxRequest } from './connection.js';
import { refusal } from './refusals.js';
import type { Sandbox } from './sandbox.js';
import { type TokenSource, userOf } from './token-source.js';

/** One condition of a search; all of them have to hold. */
export type Condition =
  | { readonly parameter: string; readonly operator: 'eq' | 'gt' | 'like'; readonly value: string | number }
  | {
      readonly parameter: string;
      readonly operator: 'in' | 'not in';
      readonly values: readonly (string | number)[];
    };

/** Job id → what it is to become, and from when on. */
export type StatusChanges = ReadonlyMap<number, { readonly at: Date; readonly minorStatus: string }>;

const searched = ['JobID', 'JobName', 'Status', 'MinorStatus', 'ApplicationStatus', 'Site']
  // Each on its own line would say no more.
  .concat('LastUpdateTime', 'StartExecTime', 'EndExecTime');
/** DiracX has 10,000 as the most. */
const jobsOfPage = 2_000;
const idsAtOnce = 500;

/** Who asks where a call names nobody, and how many jobs one page of a search has (2,000 unless told). */
export interface ClientOptions {
  readonly own: GridIdentity | undefined;
  readonly jobsOfPage?: number | undefined;
}

/** What DiracX can be asked. Errors are those of GridBackend. */
export class DiracxClient {
  readonly #connection: DiracxConnection;
  readonly #tokens: TokenSource;
  readonly #options: ClientOptions;

  constructor(connection: DiracxConnection, tokens: TokenSource, options: ClientOptions) {
    this.#connection = connection;
    this.#tokens = tokens;
    this.#options = options;
  }

  /** Whom jobs of this call belong to. */
  owner(call: Call): string {
    return userOf(this.#identity(call));
  }

  /** All or nothing: DiracX inserts the jobs of one request in one transaction. */
  async submit(jdl: string, call: Call): Promise<readonly { readonly id: number; readonly at: Date }[]> {
    const body = await this.#ask({ method: 'POST', path: 'api/jobs/jdl', body: [jdl] }, call);
    return answers.read(answers.insertedJobs, body).map((job) => ({ id: job.JobID, at: job.TimeStamp }));
  }

  /**
   * Every job for which the conditions hold. Pages are told by the last id of the one before, as jobs that come and go
   * between two pages would otherwise push others over the edge.
   */
  async search(
    conditions: readonly Condition[],
    call: Call,
    { logging = false }: { readonly logging?: boolean } = {},
  ): Promise<readonly answers.FoundJob[]> {
    const found: answers.FoundJob[] = [];
    for (let last = 0; ;) {
      const answer = await this.#tell(
        {
          method: 'POST',
          path: `api/jobs/search?per_page=${this.#options.jobsOfPage ?? jobsOfPage}`,
          body: {
            parameters: logging ? [...searched, 'LoggingInfo'] : searched,
            search: [...conditions, { parameter: 'JobID', operator: 'gt', value: last }],
            sort: [{ parameter: 'JobID', direction: 'asc' }],
          },
        },
        call,
      );
      const page = answers.read(answers.foundJobs, answer.body);
      found.push(...page);
      last = Math.max(last, ...page.map(({ JobID }) => JobID));
      // 206 says that this was a part.
      if (answer.status !== 206 || page.length === 0) return found;
    }
  }

  /** The jobs of these ids that DiracX knows. */
  async jobs(ids: readonly number[], call: Call, logging = false): Promise<readonly answers.FoundJob[]> {
    const found: answers.FoundJob[] = [];
    for (const values of chunks(ids))
      found.push(...(await this.search([{ parameter: 'JobID', operator: 'in', values }], call, { logging })));
    return found;
  }

  /** Gives those that are not in that status now, since something newer was known of them. */
  async setStatus(status: string, changes: StatusChanges, call: Call): Promise<readonly number[]> {
    const left: number[] = [];
    for (const ids of chunks([...changes.keys()])) {
      const entries = ids.flatMap((id) => {
        const change = changes.get(id);
        if (change === undefined) return [];
        const update = { Status: status, MinorStatus: change.minorStatus, Source: 'Slipway' };
        return [[String(id), { [change.at.toISOString()]: update }] as const];
      });
      const body = await this.#ask(
        { method: 'PATCH', path: 'api/jobs/status', body: Object.fromEntries(entries) },
        call,
      );
      const { success } = answers.read(answers.changedStatuses, body);
      left.push(...ids.filter((id) => success[String(id)]?.Status !== status));
    }
    return left;
  }

  /** Stores an archive unless it is there; gives the name that JDL has for it. */
  async store({ content, sha256 }: Sandbox, call: Call): Promise<string> {
    const body = await this.#ask(
      {
        method: 'POST',
        path: 'api/jobs/sandbox',
        body: { checksum_algorithm: 'sha256', checksum: sha256, size: content.length, format: 'tar.zst' },
      },
      call,
    );
    const { pfn, url, fields } = answers.read(answers.startedUpload, body);
    if (url) await this.#connection.upload(url, fields, content, call.signal);
    return pfn;
  }

  /** Names of what a job left. */
  async outputSandboxes(id: number, call: Call): Promise<readonly string[]> {
    const body = await this.#ask({ method: 'GET', path: `api/jobs/${id}/sandbox/output` }, call);
    return answers.read(answers.sandboxNames, body);
  }

  async fetch<Result>(
    name: string,
    call: Call,
    reader: (content: AsyncIterable<Uint8Array>) => Promise<Result>,
  ): Promise<Result> {
    const path = `api/jobs/sandbox?pfn=${encodeURIComponent(name)}`;
    const { url } = answers.read(answers.sandboxAddress, await this.#ask({ method: 'GET', path }, call));
    return this.#connection.download(url, call.signal, reader);
  }

  async #ask(request: DiracxRequest, call: Call): Promise<unknown> {
    return (await this.#tell(request, call)).body;
  }

  async #tell(request: DiracxRequest, call: Call): Promise<DiracxAnswer> {
    const identity = this.#identity(call);
    const token = await this.#tokens.token(identity, call);
    const send = (good: string): Promise<DiracxAnswer> =>
      this.#connection.send({ ...request, authorization: `Bearer ${good}` }, call.signal);
    let answer = await send(token);
    // It may have been revoked, or the server has other keys by now: one that is new settles it.
    if (answer.status === 401) answer = await send(await this.#tokens.token(identity, call, token));
    // Beyond the last job there is an empty page.
    if (answer.status < 400 || (answer.status === 416 && Array.isArray(answer.body))) return answer;
    throw refusal(answer, { subject: this.#connection.host });
  }

  #identity({ identity = this.#options.own }: Call): GridIdentity {
    if (identity !== undefined) return identity;
    throw permanent('grid.unauthorized', 'DiracX takes a diracx-key: the backend has no credential');
  }
}

function* chunks(ids: readonly number[]): Generator<readonly number[]> {
  for (let at = 0; at < ids.length; at += idsAtOnce) yield ids.slice(at, at + idsAtOnce);
}
