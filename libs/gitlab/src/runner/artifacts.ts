import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { permanent, temporary } from '#errors';
import { connectionError, isCurable, redactedUrl, refusalError } from '../http/failure.js';
import { type Answer, headerOf } from '../http/gitlab-server.js';
import type { CiDependency } from '../job.js';
import type { JobAddress } from './job-client.js';

/** An artifact on its way to GitLab (POST /jobs/:id/artifacts). */
export interface ArtifactUpload {
  /** Where the bytes are; they must not change meanwhile. */
  readonly path: string;
  /** As GitLab will hand it out, e.g. `artifacts.zip`. */
  readonly filename: string;
  /** archive, junit, dotenv, … */
  readonly type: string;
  readonly format: 'zip' | 'gzip' | 'raw';
  /** GitLab's own words, e.g. `1 week`; empty: as GitLab is set. */
  readonly expireIn: string;
}

/** How an upload ended. What may pass is no answer but an error, to be tried again with the same bytes. */
export type Uploaded =
  | { readonly is: 'stored' }
  /** 413 */
  | { readonly is: 'too_large'; readonly words: string }
  /** 400 (other bytes are there already, or it is no archive), 401, 403, 404, 422 */
  | { readonly is: 'refused'; readonly status: number; readonly words: string };

/** The artifacts as a stream that must be read or destroyed; `size` in bytes, where the storage says it. */
export type Opened =
  | { readonly is: 'found'; readonly body: Readable; readonly size: number | undefined }
  | { readonly is: 'refused'; readonly status: number };

const storingMs = 600_000;
const mostHops = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Hands a file in as an artifact of the job, in one stream of known length.
 * @throws AppError as `GitLabServer.ask`; permanent `gitlab.refused`, `gitlab.insecure_redirect`
 */
export async function uploadArtifact(job: JobAddress, upload: ArtifactUpload): Promise<Uploaded> {
  const { type, format, expireIn } = upload;
  const { size } = await stat(upload.path);
  const boundary = `slipway-${randomBytes(18).toString('hex')}`;
  const head = Buffer.from(headOfPart(boundary, upload.filename));
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const question = {
    method: 'POST',
    headers: {
      'job-token': job.token,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': `${head.length + size + tail.length}`,
    },
    patienceMs: storingMs,
    // What is too large is refused by its head; whoever asked on over that connection was never answered.
    isLastOfConnection: true,
  } as const;
  const query = { artifact_format: format, artifact_type: type, expire_in: expireIn || undefined };
  let path: string | URL = `jobs/${job.id}/artifacts`;
  for (let hops = 0; hops <= mostHops; hops++) {
    const body = parts(head, upload.path, size, tail);
    const answer: Answer = await job.server.ask({ ...question, path, body, ...(hops === 0 && { query }) });
    if (answer.status !== 307) return uploaded(answer);
    path = nextStop(answer.url, answer.header('location'));
  }
  throw temporary('gitlab.unavailable', 'GitLab sends an artifact from one place to the next');
}

function uploaded(answer: Answer): Uploaded {
  const { status, words } = answer;
  if (status === 201) return { is: 'stored' };
  if (status === 413) return { is: 'too_large', words };
  if ([400, 401, 403, 404, 422].includes(status)) return { is: 'refused', status, words };
  throw refusalError(answer);
}

async function* parts(head: Buffer, path: string, size: number, tail: Buffer): AsyncGenerator<Uint8Array> {
  yield head;
  if (size > 0)
    yield* createReadStream(path, { end: size - 1, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
  yield tail;
}

function headOfPart(boundary: string, filename: string): string {
  // As the multipart form of HTML writes it: these three would end the name or the line.
  const name = filename.replace(/["\r\n]/g, (character) => encodeURIComponent(character));
  const type = 'application/octet-stream';
  return `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
}

/**
 * The artifacts of a job that this one depends on. The storage behind GitLab gets no token: the address that GitLab sends
 * us to is signed.
 * @throws AppError as `GitLabServer.ask`; permanent `gitlab.insecure_redirect`
 */
export async function openDependency(
  server: JobAddress['server'],
  dependency: Pick<CiDependency, 'id' | 'token'>,
): Promise<Opened> {
  const own = { 'job-token': dependency.token };
  let path: string | URL = `jobs/${dependency.id}/artifacts`;
  for (let hops = 0; hops <= mostHops; hops++) {
    const { answer, url } = await server.open({
      method: 'GET',
      path,
      headers: { accept: '*/*', ...(hops === 0 && own) },
      ...(hops === 0 && { query: { direct_download: 'true' } }),
    });
    const { statusCode: status } = answer;
    const header = headerOf(answer);
    if (status === 200) {
      answer.body.on('error', () => undefined);
      const length = Number(header('content-length') ?? Number.NaN);
      return { is: 'found', body: answer.body, size: Number.isSafeInteger(length) ? length : undefined };
    }
    await answer.body.dump({ limit: 64 * 1024 }).catch((error: unknown) => {
      throw connectionError(url, error);
    });
    if (redirects.has(status)) path = nextStop(url, header('location'));
    else if (isCurable(status)) throw refusalError({ url, status, words: '', header });
    else return { is: 'refused', status };
  }
  throw temporary(
    'gitlab.unavailable',
    `the artifacts of job ${dependency.id} are sent from one place to the next`,
  );
}

/** Where GitLab sends us; nothing that began over https goes on over http. */
function nextStop(from: URL, location: string | undefined): URL {
  const where = redactedUrl(from);
  if (location === undefined || !URL.canParse(location, from.href))
    throw temporary('gitlab.unavailable', `${where} redirects to nowhere`);
  const to = new URL(location, from);
  const downgraded = from.protocol === 'https:' && to.protocol !== 'https:';
  if (downgraded || !/^https?:$/.test(to.protocol))
    throw permanent('gitlab.insecure_redirect', `${where} redirects to ${to.protocol}//${to.host}`);
  return to;
}
