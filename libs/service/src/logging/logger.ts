import pino, { type DestinationStream, type Logger } from 'pino';
import { type AppError, type LogLevel, toAppError } from '#errors';
import { currentTrace } from '../tracing/trace-context.js';
import { redactedPaths, type Scrubber } from './redaction.js';

export type { Logger } from 'pino';

/** How loud a log is (`level`, as pino names it), and what must never be seen in it. */
export interface LoggerOptions {
  readonly service: string;
  readonly level: string;
  readonly scrubber: Scrubber;
  /** Where lines go; standard output unless told. */
  readonly destination?: DestinationStream;
}

/** JSON lines with the service's name and the current trace; secrets are taken out of every line. */
export function createLogger(options: LoggerOptions): Logger {
  const { scrubber, service, level } = options;
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...redactedPaths], censor: '[redacted]' },
      serializers: { err: serializeError, error: serializeError },
      mixin: () => {
        const trace = currentTrace();
        return trace ? { traceId: trace.traceId, spanId: trace.spanId } : {};
      },
      hooks: { streamWrite: (line) => scrubber.scrub(line) },
    },
    // Written at once: lines still in flight when the process exits come out of order or not at all.
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly subject?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** The causes too, because the first message seldom says why; no other property, because those hold whole requests. */
function serializeError(thrown: unknown, depth = 0): LoggedError {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: String(thrown) };
  const { code, subject } = thrown as Partial<AppError>;
  return {
    type: thrown.name,
    message: thrown.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof subject === 'string' ? { subject } : {}),
    ...(thrown.stack && depth === 0 ? { stack: thrown.stack } : {}),
    ...(thrown.cause !== undefined && depth < 4 ? { cause: serializeError(thrown.cause, depth + 1) } : {}),
  };
}

/** Logs what was thrown as loudly as the error asks for. */
export function logError(logger: Logger, thrown: unknown, message: string): void {
  const error = toAppError(thrown);
  const level: LogLevel = error.level;
  logger[level]({ err: error.code === 'internal.unexpected' ? thrown : error }, message);
}
