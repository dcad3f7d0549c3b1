import { deadLetterKeepers, listeners, messages, queues, retryDelays } from '#contracts';
import type { Registry } from 'prom-client';
import type { House } from './topology.js';

/** The part of pino's logger that the bus uses. */
export interface BusLogger {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** How a process carries the W3C trace context along. */
export interface BusTrace {
  /** The `traceparent` of what runs now. */
  current(): string | undefined;
  /** Runs `work` under the trace that a message brought. */
  run<T>(traceparent: string | undefined, work: () => T): T;
}

/** What a process tells the bus of itself, and of the broker. */
export interface BusOptions {
  /** `amqp(s)://user:password@host:port/vhost`; several for a cluster. Its password is never logged. */
  readonly url: string | readonly string[];
  /** Who speaks: CloudEvents `source`, and which queues are this process's own. */
  readonly service: string;
  readonly logger: BusLogger;
  /** Where the metrics are registered; without one there are none. */
  readonly metrics?: Registry;
  readonly trace?: BusTrace;
  /** The contracts; the house's own unless a test brings others. */
  readonly house?: Partial<House>;
  readonly limits?: Partial<BusLimits>;
}

/** How much a process may have under way, and how long each wait may last before it is an error. */
export interface BusLimits {
  /** Messages sent and not yet confirmed. More than a few hundred gain no rate, only latency. */
  readonly inFlight: number;
  /** Bytes sent and not yet confirmed. */
  readonly inFlightBytes: number;
  /** Bytes of a message's payload; the broker closes the connection's channel above a limit of its own (16 MiB). */
  readonly messageBytes: number;
  /** Messages that wait for room, a connection or an unblocked broker; beyond it a publish is refused at once. */
  readonly waiting: number;
  /** How long a message waits to be sent, in milliseconds. */
  readonly sendMs: number;
  /** How long a sent message waits for its confirm, in milliseconds. */
  readonly confirmMs: number;
  /** How long `close` waits for running handlers, in milliseconds. */
  readonly drainMs: number;
  /** Seconds between heartbeats: a frozen broker is noticed after two to three of them. */
  readonly heartbeatSeconds: number;
  /** Pause before the suspects' queue is read after a (re)start, so that their neighbours are out of the way first. */
  readonly suspectPauseMs: number;
}

/** Enough for the full rate to a broker near by; a broker that froze is noticed within 15 seconds. */
export const defaultLimits: BusLimits = {
  inFlight: 512,
  inFlightBytes: 64 * 1024 * 1024,
  messageBytes: 4 * 1024 * 1024,
  waiting: 20_000,
  sendMs: 5_000,
  confirmMs: 10_000,
  drainMs: 25_000,
  heartbeatSeconds: 5,
  suspectPauseMs: 1_000,
};

/** The contracts as the house runs them; a queue takes 1 GiB of messages before publishers are refused. */
export const defaultHouse: House = {
  messages,
  queues: Object.values(queues),
  listeners,
  deadLetterKeepers,
  delays: retryDelays,
  queueBytes: 1024 * 1024 * 1024,
};

/** What a bus does without a trace of the process's own: a message's trace is carried by hand. */
export const noTrace: BusTrace = {
  current: () => undefined,
  run: (_traceparent, work) => work(),
};

/** A logger that says nothing, for commands and tests. */
export const silentLogger: BusLogger = { debug() {}, info() {}, warn() {}, error() {} };
