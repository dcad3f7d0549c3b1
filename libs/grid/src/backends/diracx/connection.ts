import { connectionWords, temporary } from '#errors';

/** One question to DiracX; `path` is below the server's address, `body` is sent as JSON. */
export interface DiracxRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly authorization?: string;
  readonly body?: unknown;
}

/** Any answer, refusals too: what a status means is for whoever asked. */
export interface DiracxAnswer {
  readonly status: number;
  /** JSON, or the text where it is none. */
  readonly body: unknown;
  readonly retryAfterSeconds?: number;
}

const deadlineMs = 45_000;
/** A presigned address goes to the object store, with up to 100 MB. */
const transferDeadlineMs = 300_000;

/** HTTP to one DiracX server, and to the object store that it names. Tokens go into a header and nowhere else. */
export class DiracxConnection {
  readonly #base: URL;

  constructor(url: string) {
    this.#base = new URL(url.endsWith('/') ? url : `${url}/`);
  }

  get host(): string {
    return this.#base.host;
  }

  /** Throws temporary `grid.unavailable` where nothing answers, and what the signal says. */
  async send(request: DiracxRequest, signal: AbortSignal): Promise<DiracxAnswer> {
    const { method, path, authorization, body } = request;
    return this.#guarded(`DiracX at ${this.host}`, deadlineMs, signal, async (within) => {
      const response = await fetch(new URL(path, this.#base), {
        method,
        headers: {
          accept: 'application/json',
          ...(authorization !== undefined && { authorization }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // Another address would be handed the token.
        redirect: 'error',
        signal: within,
      });
      const seconds = Number(response.headers.get('retry-after') ?? undefined);
      return {
        status: response.status,
        body: parsed(await response.text()),
        ...(Number.isFinite(seconds) && { retryAfterSeconds: seconds }),
      };
    });
  }

  /** Uploads to a presigned address. It carries its own permission, so no token goes there. */
  async upload(
    url: string,
    fields: Readonly<Record<string, string>>,
    content: Buffer<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#guarded("DiracX's object store", transferDeadlineMs, signal, async (within) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      // An object store reads no field that comes after the file.
      form.append('file', new Blob([content]), 'file');
      const response = await fetch(url, { method: 'POST', body: form, redirect: 'error', signal: within });
      const text = await response.text();
      if (!response.ok) throw new Error(`HTTP ${response.status}: ${text.slice(0, 500)}`);
    });
  }

  /** Hands what lies at a presigned address to the reader. */
  async download<Result>(
    url: string,
    signal: AbortSignal,
    read: (content: AsyncIterable<Uint8Array>) => Promise<Result>,
  ): Promise<Result> {
    return this.#guarded("DiracX's object store", transferDeadlineMs, signal, async (within) => {
      const response = await fetch(url, { signal: within });
      if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
      return read(response.body);
    });
  }

  async #guarded<Result>(
    who: string,
    deadlineMs: number,
    signal: AbortSignal,
    ask: (within: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    try {
      return await ask(AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]));
    } catch (cause) {
      signal.throwIfAborted();
      // Presigned addresses are secrets while they last: an error names the host alone.
      const text = `${who} cannot be used: ${connectionWords(cause)}`;
      throw temporary('grid.unavailable', text, { subject: this.host, cause });
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
