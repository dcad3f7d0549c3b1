import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { AppError, connectionWords, permanent, temporary } from '#errors';
import type { Dispatcher } from 'undici';
import { exists } from './exists.js';

/** Whoever keeps what grid jobs brought back. */
export interface OutputsSource {
  /** @throws AppError where nobody answers */
  open(path: string): Promise<Dispatcher.ResponseData>;
}

/**
 * Puts what an attempt brought back into a file, whole or not at all; what is there already is good.
 *
 * @returns false where it brought nothing back
 * @throws temporary `monitor.unavailable`, `artifacts.interrupted`, `artifacts.damaged`; permanent `monitor.refused`
 */
export async function fetchOutputs(
  source: OutputsSource,
  attemptId: string,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (await exists(path)) return true;
  const { statusCode: status, headers, body } = await source.open(`/attempts/${attemptId}/outputs.zip`);
  if (status !== 200) {
    await body.dump();
    if (status === 404) return false;
    if (status >= 500 || status === 429 || status === 408)
      throw temporary('monitor.unavailable', `the monitor answered ${status} for what a job brought back`);
    throw permanent('monitor.refused', `the monitor answered ${status} for what a job brought back`);
  }
  const hash = createHash('sha256');
  try {
    await pipeline(
      body,
      async function* (pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          hash.update(piece);
          yield piece;
        }
      },
      createWriteStream(`${path}.part`, { mode: 0o600 }),
      { signal },
    );
    if (typeof headers.etag === 'string' && headers.etag !== `"${hash.digest('hex')}"`)
      throw temporary('artifacts.damaged', 'what the monitor sent is not what it has');
    await rename(`${path}.part`, path);
    return true;
  } catch (thrown) {
    await rm(`${path}.part`, { force: true });
    throw thrown instanceof AppError ? thrown : interrupted(thrown);
  }
}

function interrupted(cause: unknown): AppError {
  const text = `what a job brought back could not be fetched: ${diskWords(cause) ?? connectionWords(cause)}`;
  return temporary('artifacts.interrupted', text, { cause });
}

/** `ENOSPC: no space left on device, write`: of files, unlike of connections, the system tells in words. */
function diskWords(cause: unknown): string | undefined {
  const { message } = cause as Error;
  return /^E[A-Z\d]+: /.test(message) ? message : undefined;
}
