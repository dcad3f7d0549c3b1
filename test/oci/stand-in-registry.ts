import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenOnFreePort } from '#embedded';
import { buildLayer, digestOf, mediaTypes, type BuiltLayer } from '#oci';

/** What goes wrong with one answer. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The connection breaks after so many bytes of the body. */
  | { readonly kind: 'break'; readonly afterBytes: number }
  /** Nothing more comes after so many bytes, and the connection stays open. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** A byte now and then. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** One byte is another one. */
  | { readonly kind: 'corrupt' }
  /** More bytes than there should be. */
  | { readonly kind: 'longer'; readonly byBytes: number }
  /** The body ends early and the Content-Length agrees with that. */
  | { readonly kind: 'shorter'; readonly byBytes: number }
  /** The whole blob, whatever range was asked for; breaks too when told so. */
  | { readonly kind: 'ignore-range'; readonly breakAfterBytes?: number }
  /** 206 with another range than the one asked for. */
  | { readonly kind: 'wrong-range' }
  | { readonly kind: 'redirect'; readonly to: string };

/** A request as it came, in the headers that decide on its answer. */
export interface SeenRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly accept: string | undefined;
}

/** Decides on the fault of a request, if any; `nth` counts the requests for this path from 1. */
export type Faults = (path: string, nth: number) => Fault | undefined;

interface Stored {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
}

/** A registry that does wrong on request. It holds what it is given in memory and answers GET alone. */
export class StandInRegistry {
  readonly seen: SeenRequest[] = [];
  faults: Faults = () => undefined;
  /** Answers an unauthorised request's challenge headers; nothing lets the request pass. */
  challenge: (authorization: string | undefined, path: string) => Record<string, string> | undefined = () =>
    undefined;
  private readonly store = new Map<string, Stored>();

  private constructor(
    private readonly server: Server,
    /** `127.0.0.1:<port>` */
    readonly host: string,
  ) {
    server.on('request', (request, response) => this.answer(request, response));
  }

  static async start(): Promise<StandInRegistry> {
    const server = createServer();
    return new StandInRegistry(server, `127.0.0.1:${await listenOnFreePort(server)}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  putBlob(repository: string, bytes: Buffer, digest: string = digestOf(bytes)): string {
    this.store.set(`/v2/${repository}/blobs/${digest}`, { bytes, contentType: 'application/octet-stream' });
    return digest;
  }

  /** Stores a manifest or index under its digest and under the tags. */
  putDocument(
    repository: string,
    document: object | Buffer,
    contentType: string | undefined,
    ...tags: string[]
  ): { digest: string; size: number } {
    const bytes = Buffer.isBuffer(document) ? document : Buffer.from(JSON.stringify(document));
    const digest = digestOf(bytes);
    for (const reference of [digest, ...tags]) {
      this.store.set(`/v2/${repository}/manifests/${reference}`, { bytes, contentType });
    }
    return { digest, size: bytes.length };
  }

  /** An ordinary image of these layers; for linux/amd64, with its proper content type and without a tag unless told. */
  putImage(
    repository: string,
    layers: readonly BuiltLayer[],
    options: {
      readonly platform?: string;
      readonly tags?: readonly string[];
      readonly contentType?: string;
    } = {},
  ): { digest: string; size: number } {
    const { platform = 'linux/amd64', tags = [], contentType = mediaTypes.ociManifest } = options;
    const [os, architecture, variant] = platform.split('/');
    const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) };
    const config = Buffer.from(JSON.stringify({ os, architecture, variant, rootfs }));
    for (const { blob, digest } of layers) if (Buffer.isBuffer(blob)) this.putBlob(repository, blob, digest);
    const manifest = {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: {
        mediaType: mediaTypes.ociConfig,
        digest: this.putBlob(repository, config),
        size: config.length,
      },
      layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    };
    return this.putDocument(repository, manifest, contentType, ...tags);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? '/', 'http://here').pathname;
    const { authorization, range, accept } = request.headers;
    this.seen.push({ path, authorization, range, accept });
    const challenge = this.challenge(authorization, path);
    if (challenge) return void response.writeHead(401, challenge).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
    const nth = this.seen.filter((one) => one.path === path).length;
    const fault = this.faults(path, nth);
    const stored = this.store.get(path);
    if (fault?.kind === 'status') {
      return void response.writeHead(fault.status, fault.headers).end(fault.body);
    }
    if (fault?.kind === 'redirect') return void response.writeHead(307, { location: fault.to }).end();
    if (!stored) {
      return void response.writeHead(404).end('{"errors":[{"code":"NOT_FOUND","message":"not here"}]}');
    }
    this.send(response, stored, range, fault);
  }

  private send(
    response: ServerResponse,
    stored: Stored,
    range: string | undefined,
    fault: Fault | undefined,
  ): void {
    const type: Record<string, string> = stored.contentType ? { 'content-type': stored.contentType } : {};
    const asked = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const { length } = stored.bytes;
    if (asked > 0 && asked >= length) {
      return void response.writeHead(416, { 'content-range': `bytes */${length}` }).end();
    }
    const from = fault?.kind === 'ignore-range' ? 0 : fault?.kind === 'wrong-range' ? 1 : asked;
    const body = damaged(stored.bytes.subarray(from), fault);
    const partial = from > 0 ? { 'content-range': `bytes ${from}-${length - 1}/${length}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { ...type, ...partial, 'content-length': body.length });
    sendBody(response, body, fault);
  }
}

function damaged(bytes: Buffer, fault: Fault | undefined): Buffer {
  if (fault?.kind === 'longer') return Buffer.concat([bytes, Buffer.alloc(fault.byBytes)]);
  if (fault?.kind === 'shorter') return bytes.subarray(0, bytes.length - fault.byBytes);
  if (fault?.kind !== 'corrupt') return bytes;
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 0xff;
  return copy;
}

function sendBody(response: ServerResponse, body: Buffer, fault: Fault | undefined): void {
  const stop = fault?.kind === 'ignore-range' ? fault.breakAfterBytes : undefined;
  if (fault?.kind === 'break' || stop !== undefined) {
    const bytes = body.subarray(0, fault?.kind === 'break' ? fault.afterBytes : stop);
    // The bytes must have left before the connection breaks, else a reset may swallow them.
    response.write(bytes, () => setImmediate(() => response.destroy()));
  } else if (fault?.kind === 'stall') {
    response.write(body.subarray(0, fault.afterBytes));
  } else if (fault?.kind === 'drip') {
    let sent = 0;
    const timer = setInterval(() => response.write(body.subarray(sent, ++sent)), fault.everyMs);
    response.once('close', () => clearInterval(timer));
  } else {
    response.end(body);
  }
}

/** A layer of incompressible bytes, so that its blob has about this size. */
export async function layerOfBytes(bytes: number, seed = 1): Promise<BuiltLayer> {
  const content = Buffer.alloc(bytes);
  let state = seed;
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    content[at] = state >>> 16;
  }
  return buildLayer([{ name: `data-${seed}`, content }], { compression: 'none' });
}
