import { houseTokens, type HouseTokens } from '#access';
import {
  gridJob,
  type GridJob,
  gridJobWithAll,
  type GridJobWithAll,
  jobGroup,
  type JobGroup,
  jobGroupWithAll,
  type JobGroupWithAll,
  pageOf,
} from '#api';
import { reasonsOf } from '#contracts';
import { connectionWords, permanent, temporary } from '#errors';
import type { KeyRing } from '#secrets';
import { Agent, type Dispatcher, request } from 'undici';
import type { z } from 'zod';
import { bridgeIdentity } from './bridge-identity.js';

const silenceMs = 60_000;
/** As many as the monitor gives at once. */
const mostOfPage = 200;
const jobsPage = pageOf(gridJob);

/** Bytes of a log from where they were asked for; none, with a total of 0, where the ledger knows no log. */
export interface LogPart {
  readonly bytes: Buffer;
  /** How long the log is. */
  readonly total: number;
}

/** The ledger of grid jobs: what they are, their logs and outputs. */
export class MonitorClient {
  private readonly agent = new Agent({ connect: { timeout: 10_000 }, keepAliveTimeout: 30_000 });
  private readonly tokens: HouseTokens;
  private readonly root: string;

  constructor(url: string, ring: KeyRing) {
    this.root = `${url.replace(/\/+$/, '')}/api/v1`;
    this.tokens = houseTokens(ring);
  }

  /** Part of an attempt's log from a byte on; nothing where the ledger does not know the attempt yet. */
  async log(attemptId: string, from: number, most: number): Promise<LogPart> {
    const range = { range: `bytes=${from}-${from + most - 1}` };
    const answer = await this.open(`/attempts/${attemptId}/log`, range);
    const said = answer.headers['content-range'];
    const total = Number(/\/(\d+)$/.exec(typeof said === 'string' ? said : '')?.[1] ?? 0);
    if (answer.statusCode === 206 || answer.statusCode === 200) {
      const bytes = Buffer.from(await read(answer.body.arrayBuffer()));
      // Who passes ranges over answers from the beginning.
      if (answer.statusCode === 200) return { bytes: bytes.subarray(from, from + most), total: bytes.length };
      return { bytes, total };
    }
    await answer.body.dump();
    if (answer.statusCode === 416) return { bytes: Buffer.alloc(0), total };
    if (answer.statusCode === 404) return { bytes: Buffer.alloc(0), total: 0 };
    throw refused(answer.statusCode);
  }

  /** Undefined where the ledger does not know it yet. */
  async group(id: string): Promise<JobGroup | undefined> {
    return this.found(jobGroup, `/groups/${id}`);
  }

  /** With what its jobs came to. */
  async groupInFull(id: string): Promise<JobGroupWithAll | undefined> {
    return this.found(jobGroupWithAll, `/groups/${id}`);
  }

  /** Jobs of a group, at most so many. */
  async jobs(
    query: { readonly group: string; readonly state?: GridJob['state'] },
    most: number,
  ): Promise<readonly GridJob[]> {
    const found: GridJob[] = [];
    let cursor: string | undefined;
    do {
      const limit = String(Math.min(mostOfPage, most - found.length));
      const asked = new URLSearchParams({ ...query, limit, ...(cursor !== undefined && { cursor }) });
      const page = await this.found(jobsPage, `/jobs?${asked.toString()}`);
      found.push(...(page?.items ?? []));
      cursor = page?.next;
    } while (cursor !== undefined && found.length < most);
    return found;
  }

  /** A file that an attempt brought back, cut at so many bytes; undefined where it brought no such file. */
  async output(attemptId: string, path: string, most: number): Promise<Buffer | undefined> {
    const { statusCode, body } = await this.open(
      `/attempts/${attemptId}/outputs/file?path=${encodeURIComponent(path)}`,
    );
    if (statusCode !== 200) {
      await body.dump();
      if (statusCode === 404) return undefined;
      throw refused(statusCode);
    }
    return read(firstBytes(body, most));
  }

  async job(id: string): Promise<GridJobWithAll | undefined> {
    return this.found(gridJobWithAll, `/jobs/${id}`);
  }

  /**
   * An answer whose body is to be read, whatever its status is.
   * @throws temporary `monitor.unreachable`
   */
  async open(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Dispatcher.ResponseData> {
    return read(
      request(`${this.root}${path}`, {
        dispatcher: this.agent,
        headers: { authorization: `Slipway ${this.tokens.issue(bridgeIdentity)}`, ...headers },
        headersTimeout: silenceMs,
        bodyTimeout: silenceMs,
      }),
    );
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  private async found<S extends z.ZodType>(schema: S, path: string): Promise<z.output<S> | undefined> {
    const answer = await this.open(path);
    if (answer.statusCode === 200) return understood(schema, await read(answer.body.text()));
    await answer.body.dump();
    if (answer.statusCode === 404) return undefined;
    throw refused(answer.statusCode);
  }
}

function understood<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  const json = jsonOf(text);
  const { success, data } = schema.safeParse(json);
  if (success) return data;
  const why = reasonsOf(schema, json, 3, 'it');
  throw temporary('monitor.unavailable', `what the monitor answers is of another form: ${why}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function firstBytes(body: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    pieces.push(piece);
    length += piece.length;
    if (length >= most) break;
  }
  return Buffer.concat(pieces).subarray(0, most);
}

const refused = (status: number): Error =>
  status >= 500 || status === 429 || status === 408
    ? temporary('monitor.unavailable', `the monitor answered ${status}`)
    : permanent('monitor.refused', `the monitor answered ${status}: is its key ring the same?`);

const read = <T>(promise: Promise<T>): Promise<T> =>
  promise.catch((cause: unknown) => {
    const text = `the monitor cannot be reached: ${connectionWords(cause)}`;
    throw temporary('monitor.unreachable', text, { cause });
  });
