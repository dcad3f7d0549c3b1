import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** What Nest says about its own start; of use to a developer alone. */
const startUpContexts = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
]);

/** Nest's own lines as ours: `context` is the last argument where there are several, by Nest's convention. */
export function nestLogger(logger: Logger): LoggerService {
  const write =
    (level: 'info' | 'warn' | 'error' | 'debug' | 'trace' | 'fatal') =>
    (message: unknown, ...rest: readonly unknown[]): void => {
      const context = rest.length > 0 && typeof rest.at(-1) === 'string' ? String(rest.at(-1)) : undefined;
      const quiet = level === 'info' && context !== undefined && startUpContexts.has(context);
      const stack = level === 'error' && rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;
      const fields = { ...(context ? { context } : {}), ...(stack ? { stack } : {}) };
      if (message instanceof Error) logger[level]({ ...fields, err: message }, message.message);
      else
        logger[quiet ? 'debug' : level](
          fields,
          typeof message === 'string' ? message : JSON.stringify(message),
        );
    };
  return {
    log: write('info'),
    warn: write('warn'),
    error: write('error'),
    debug: write('debug'),
    verbose: write('trace'),
    fatal: write('fatal'),
  };
}
