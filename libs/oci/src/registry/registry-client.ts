import { permanent, temporary } from '#errors';
import { Authorizer, type Credentials } from './authorizer.js';
import { digestOf, isDigest, matches, parseDigest } from './digest.js';
import { acceptedDocuments } from './media-types.js';
import { redactedUrl } from './registry-error.js';
import { apiHost, isLoopback } from './reference.js';
import { defaultRetry, withRetry, type RetryPolicy } from './retry.js';
import { failureOf, readBody, type Answer, type Transport } from './transport.js';

/** How to speak to one registry. */
export interface RegistrySettings {
  /** Host, with its port if it has one; Docker Hub is `docker.io`. */
  readonly host: string;
  readonly credentials?: Credentials;
  /** Called, maybe often, when the registry or the server of its tokens took the credentials. */
  readonly onLogin?: () => void;
  /** Speak plain http. */
  readonly insecure?: boolean;
  /** Layers of one image that are fetched at once, where it differs from the source's. */
  readonly parallelLayers?: number;
}

/** A manifest or an index as the registry sent it. */
export interface FetchedDocument {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly contentType: string | undefined;
}

/** The distribution specification lets registries refuse more; no honest manifest comes near. */
export const maxDocumentBytes = 4 * 1024 * 1024;

/** One registry over the OCI distribution API (version 1.1, "pull"). */
export class RegistryClient {
  private readonly authorizer: Authorizer;
  private readonly origin: string;

  constructor(
    settings: RegistrySettings,
    private readonly transport: Transport,
    private readonly retry: RetryPolicy = defaultRetry,
  ) {
    const host = apiHost(settings.host);
    const insecure = settings.insecure === true;
    this.origin = `${insecure ? 'http' : 'https'}://${host}`;
    this.authorizer = new Authorizer(transport, settings, insecure);
  }

  /**
   * A manifest or an index by tag or digest, at most 4 MB. `registry.not_found` is temporary: the tag may be seconds
   * old. Bytes that do not have the digest asked for are `registry.digest_mismatch`, permanent.
   */
  async document(repository: string, reference: string, signal?: AbortSignal): Promise<FetchedDocument> {
    const url = new URL(`/v2/${repository}/manifests/${reference}`, this.origin);
    const { bytes, contentType } = await withRetry(this.retry, signal, async () => {
      const answer = await this.get(url, repository, { accept: acceptedDocuments }, signal);
      if (answer.statusCode !== 200) throw await failureOf(answer, url);
      const type = answer.headers['content-type'];
      const text = Array.isArray(type) ? type[0] : type;
      return {
        bytes: await readBody(answer, url, maxDocumentBytes),
        contentType: text?.split(';')[0]?.trim().toLowerCase(),
      };
    });
    if (!isDigest(reference)) return { bytes, digest: digestOf(bytes), contentType };
    if (!matches(reference, bytes)) {
      throw permanent(
        'registry.digest_mismatch',
        `${url.href} answered with other bytes than its digest says`,
      );
    }
    return { bytes, digest: reference, contentType };
  }

  /** A blob from this offset on. Any answer but 200, 206 and 416 is an error. */
  async blob(repository: string, digest: string, offset: number, signal?: AbortSignal): Promise<Answer> {
    const url = this.blobUrl(repository, digest);
    const answer = await this.get(url, repository, offset > 0 ? { range: `bytes=${offset}-` } : {}, signal);
    if (answer.statusCode === 200 || answer.statusCode === 206 || answer.statusCode === 416) return answer;
    throw await failureOf(answer, url);
  }

  blobUrl(repository: string, digest: string): URL {
    const { algorithm, hex } = parseDigest(digest);
    return new URL(`/v2/${repository}/blobs/${algorithm}:${hex}`, this.origin);
  }

  private async get(
    url: URL,
    repository: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const scope = `repository:${repository}:pull`;
    let header = this.authorizer.known(scope);
    for (let isFresh = false; ; isFresh = true) {
      const { answer, from } = await this.transport.get({
        url,
        headers,
        signal,
        ...(header === undefined ? {} : { authorization: header }),
      });
      if (from.origin !== url.origin) return storageAnswer(answer, from);
      if (answer.statusCode !== 401) {
        this.authorizer.taken(header);
        return answer;
      }
      header = await this.authorizer.answer(answer, url, scope, { header, isFresh }, signal);
    }
  }
}

/**
 * The registry sent us on to its storage. A refusal there (a signed URL that ran out) is cured by asking the registry
 * again; its challenge is never answered, for our credentials are not for that host.
 */
async function storageAnswer(answer: Answer, from: URL): Promise<Answer> {
  if (answer.statusCode < 400 || answer.statusCode === 416) return answer;
  const failure = await failureOf(answer, from);
  throw failure.temporary && failure.code !== 'registry.not_found'
    ? failure
    : temporary('registry.unavailable', failure.message, { subject: redactedUrl(from), cause: failure });
}

/** Whether plain http may be spoken to this host: it was marked so, or it is this machine and that is allowed. */
export function mayBeInsecure(
  host: string,
  settings: RegistrySettings | undefined,
  allowLoopback: boolean,
): boolean {
  return settings?.insecure ?? (allowLoopback && isLoopback(host));
}
