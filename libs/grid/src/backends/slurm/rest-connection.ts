import { connectionWords, temporary } from '#errors';
import type { Call } from '../../backend.js';
import type { SlurmToken } from './token.js';

/** Any answer, refusals too: slurmrestd puts errors into bodies of answers that went well as well. */
export interface RestAnswer {
  readonly status: number;
  /** JSON, or the text where it is none. */
  readonly body: unknown;
}

const mostBytes = 512 * 2 ** 20;
/** slurmrestd itself waits for the controller. */
const deadlineMs = 45_000;

/** HTTP to one slurmrestd. The token goes into a header and nowhere else. */
export class RestConnection {
  readonly #base: URL;

  constructor(url: string) {
    this.#base = new URL(url.endsWith('/') ? url : `${url}/`);
  }

  /** Throws temporary `grid.unavailable` where nothing answers, and what the call's signal says. */
  async send(
    method: string,
    path: string,
    token: SlurmToken,
    { signal }: Call,
    body?: object,
  ): Promise<RestAnswer> {
    signal.throwIfAborted();
    try {
      const response = await fetch(new URL(path, this.#base), {
        method,
        headers: {
          accept: 'application/json',
          'x-slurm-user-name': token.user,
          'x-slurm-user-token': token.jwt,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        // Another address would be handed the token.
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
      });
      const text = await limited(response);
      return { status: response.status, body: parsed(text) };
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      const { host } = this.#base;
      const text = `slurmrestd at ${host} cannot be used: ${connectionWords(cause)}`;
      throw temporary('grid.unavailable', text, { subject: host, cause });
    }
  }
}

async function limited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`an answer of more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
