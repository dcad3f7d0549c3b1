import { AppError, temporary } from '#errors';
import type { PartialBlob } from '../blobs/partial-blob.js';
import { drainInto } from './drain-into.js';
import type { Descriptor } from './image-document.js';
import { connectionError } from './registry-error.js';
import type { RegistryClient } from './registry-client.js';
import { pause, retryDelay, throwIfAborted, type RetryPolicy } from './retry.js';
import { watchFlow } from './stalled-flow.js';
import { discard, type Answer } from './transport.js';

/** What is fetched from where, and how long one has patience with whoever sends it. */
export interface BlobFetch {
  readonly client: RegistryClient;
  readonly repository: string;
  readonly descriptor: Descriptor;
  readonly retry: RetryPolicy;
  /** The longest time without enough bytes, in milliseconds. */
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Bytes of this blob that are here now. */
  readonly onBytes?: (received: number) => void;
}

/** Whole downloads that may turn out wrong before the registry is believed to hold wrong bytes. */
const maxWrong = 2;

/**
 * Fetches what is missing of a blob: goes on where a broken connection left off, begins anew where the server cannot,
 * and once more when the whole is wrong. Gives up after the policy's attempts without progress.
 */
export async function fetchBlob(fetch: BlobFetch, blob: PartialBlob): Promise<void> {
  let wrong = 0;
  let attempt = 1;
  while (true) {
    const before = blob.received;
    try {
      if (before < blob.size || before === 0) await receive(fetch, blob);
      await blob.finish();
      return;
    } catch (error) {
      throwIfAborted(fetch.signal);
      if (isMismatch(error)) {
        if (++wrong >= maxWrong) throw about(fetch, error);
        await blob.restart();
        continue;
      }
      // A hundredth counts as progress: less would let a server that drips keep us for ever.
      if (blob.received - before > blob.size / 100) attempt = 1;
      const delay = retryDelay(fetch.retry, error, attempt++);
      if (delay === undefined) throw error;
      await pause(delay, fetch.signal);
    }
  }
}

async function receive(fetch: BlobFetch, blob: PartialBlob): Promise<void> {
  const { client, repository, descriptor, signal } = fetch;
  const answer = await client.blob(repository, descriptor.digest, blob.received, signal);
  if (answer.statusCode === 416 || !startsAt(answer, blob.received)) {
    await discard(answer);
    await blob.restart();
    throw temporary('registry.unavailable', `${descriptor.digest} cannot be resumed; it is begun anew`);
  }
  if (answer.statusCode === 200 && blob.received > 0) await blob.restart();
  const stalled = watchFlow(fetch.stallTimeoutMs, answer.body, descriptor.digest);
  try {
    await drainInto(answer.body, (chunk) => {
      stalled.count(chunk.length);
      // Nobody else has seen it: it comes from the connection.
      const written = blob.append(chunk, true);
      fetch.onBytes?.(blob.received);
      return written;
    });
  } catch (error) {
    throw stalled.error ?? (error instanceof AppError ? error : broken(fetch, error));
  } finally {
    stalled.stop();
    answer.body.destroy();
  }
  if (blob.received < blob.size) throw broken(fetch, new Error('the answer ended early'));
}

/** Whether an answer to a request for a range gives that range (RFC 9110, 14.4). */
function startsAt(answer: Answer, offset: number): boolean {
  if (answer.statusCode !== 206) return true;
  return new RegExp(`^bytes ${offset}-`).test(String(answer.headers['content-range'] ?? ''));
}

const isMismatch = (error: unknown): error is AppError =>
  error instanceof AppError && error.code.endsWith('_mismatch');

const about = ({ descriptor, repository }: BlobFetch, error: AppError): AppError =>
  new AppError(error.code, `${descriptor.digest} of ${repository}: ${error.message}`, error.temporary, {
    subject: descriptor.digest,
    cause: error,
  });

function broken({ client, repository, descriptor }: BlobFetch, cause: unknown): AppError {
  return connectionError(client.blobUrl(repository, descriptor.digest), cause);
}
