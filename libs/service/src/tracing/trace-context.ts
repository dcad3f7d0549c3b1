import { AsyncLocalStorage } from 'node:async_hooks';
import { randomFillSync } from 'node:crypto';

/** W3C Trace Context level 1, without `tracestate`. */
export interface TraceContext {
  /** 16 bytes as lower-case hex. */
  readonly traceId: string;
  /** 8 bytes as lower-case hex. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const storage = new AsyncLocalStorage<TraceContext>();
const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The context in a `traceparent` header; undefined where the specification says to ignore it. */
export function parseTraceparent(header: string): TraceContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = traceparent.exec(header) ?? [];
  if (version === undefined || version === 'ff') return undefined;
  // Version 00 has exactly four fields; a later version may have more.
  if (version === '00' && more !== undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** As a `traceparent` header, version 00. */
export function formatTraceparent(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.sampled ? '01' : '00'}`;
}

/** Asking the system for randomness costs more than all else that a span does: it is asked for many at once. */
const pool = Buffer.alloc(4_096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/** A new span, in the same trace where there is one. */
export function childTrace(parent?: TraceContext): TraceContext {
  return {
    traceId: parent?.traceId ?? randomHex(16),
    spanId: randomHex(8),
    sampled: parent?.sampled ?? true,
  };
}

/** The trace that the code runs in, if any. */
export function currentTrace(): TraceContext | undefined {
  return storage.getStore();
}

/** The header to send on with a message or a request; undefined outside a trace. */
export function currentTraceparent(): string | undefined {
  const context = storage.getStore();
  return context && formatTraceparent(context);
}

/** Runs `work` as a new span of the trace in `header`, or of a new trace where there is none or it is malformed. */
export function withTrace<T>(header: string | undefined, work: () => T): T {
  return storage.run(childTrace(header === undefined ? undefined : parseTraceparent(header)), work);
}
