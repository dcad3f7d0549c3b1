import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyServerOptions } from 'fastify';
import { toAppError } from '#errors';
import type { ConfigDefinition, Settings, ValuesOf } from '../config/define-config.js';
import type { processSettings } from '../config/process-settings.js';
import { createMetrics } from '../http/metrics.js';
import { addOperationalRoutes } from '../http/operational-routes.js';
import { Readiness } from '../http/readiness.js';
import { openStartUpServer } from '../http/start-up-server.js';
import { createLogger } from '../logging/logger.js';
import { createScrubber } from '../logging/redaction.js';
import { currentTraceparent, withTrace } from '../tracing/trace-context.js';
import { closeApplication, createApplication, type NestOptions } from './application.js';
import { helpText } from './help.js';
import type { ServiceModule } from './root-module.js';
import type { Runtime } from './runtime.js';
import { exitOnDefects, Shutdown } from './shutdown.js';
import { slipwayVersion } from './version.js';

type ProcessSettings = typeof processSettings;

/** What a service is, to the process that runs it. */
export interface ServiceDefinition<T extends Settings & ProcessSettings> {
  /** As in `apps/<name>`. */
  readonly name: string;
  /** What it does, for `--help`. */
  readonly description: string;
  readonly config: ConfigDefinition<T>;
  /** The application's module. It may be made asynchronously: slipway.yml is read here. */
  module(config: ValuesOf<T>, runtime: Runtime): ServiceModule | Promise<ServiceModule>;
  /** Between construction and start: content type parsers, microservices. */
  prepare?(app: NestFastifyApplication, config: ValuesOf<T>, runtime: Runtime): void | Promise<void>;
  /** For Fastify, e.g. `bodyLimit`. */
  readonly fastify?: FastifyServerOptions;
  /** For Nest, e.g. `bodyParser: false` where the service parses bodies itself. */
  readonly nest?: NestOptions;
}

/** sysexits.h EX_CONFIG: starting again will not help before somebody changes the configuration. */
const exitMisconfigured = 78;
/** As commands do. */
const misused = 2;

/**
 * Runs a service as this process until it is told to stop: `--help`, `--version`, configuration, logs, the HTTP server
 * with /health/live, /health/ready and /metrics, shutdown.
 *
 * At shutdown the service turns not ready; then, by Nest's order, `onModuleDestroy` and `beforeApplicationShutdown`
 * hooks run, microservices and the HTTP server finish what they have begun, and `onApplicationShutdown` hooks run last:
 * whatever a request or a message still needs (the bus, the database) is closed there.
 */
export async function runService<T extends Settings & ProcessSettings>(
  definition: ServiceDefinition<T>,
): Promise<void> {
  const { name, description, config } = definition;
  const version = slipwayVersion();
  const [argument] = process.argv.slice(2);
  if (argument === '--help' || argument === '-h')
    return print(helpText({ name, description, settings: config.settings }));
  if (argument === '--version') return print(`${version}\n`);
  if (argument !== undefined)
    return exitWith(
      misused,
      `${name}: takes no argument ${argument}; it is told by its environment: see --help`,
    );

  const values = readOrExit(definition);
  const scrubber = createScrubber();
  for (const secret of config.secretsOf(values)) scrubber.learn(secret);
  const logger = createLogger({ service: name, level: values.logLevel, scrubber });
  exitOnDefects(logger);
  const metrics = createMetrics(name, version);
  const readiness = new Readiness();
  const trace = { current: currentTraceparent, run: withTrace };
  const runtime: Runtime = { name, version, logger, metrics, scrubber, readiness, trace };
  const shutdown = new Shutdown(logger, values.shutdownSeconds * 1_000);
  shutdown.onSignals();
  try {
    await start(definition, values, runtime, shutdown);
  } catch (error) {
    // What fails because the process is being stopped is no failure.
    if (shutdown.begun) return;
    const refusal = toAppError(error);
    // Where in the code a fault was found that was foreseen helps nobody who has to mend it.
    if (refusal.code !== 'internal.unexpected') delete refusal.stack;
    logger.fatal({ err: error }, 'cannot start');
    const { message, temporary } = refusal;
    if (temporary) process.exit(1);
    exitWith(
      exitMisconfigured,
      `${name}: cannot start\n${scrubber.scrub(message)}\nSee docs/configuration.md.`,
    );
  }
}

async function start<T extends Settings & ProcessSettings>(
  definition: ServiceDefinition<T>,
  values: ValuesOf<T>,
  runtime: Runtime,
  shutdown: Shutdown,
): Promise<void> {
  const { name, logger, readiness } = runtime;
  const parts = { ...runtime, service: name };
  const started = { value: false };
  readiness.add({ name: 'start', check: () => refuseUnless(started.value, 'still starting') });
  const module = await assembled(definition, values, runtime);
  const app = await createApplication(module, values, runtime, definition);
  addOperationalRoutes(app.getHttpAdapter().getInstance(), parts);
  await definition.prepare?.(app, values, runtime);
  shutdown.closes(async () => {
    readiness.stop();
    await closeApplication(app);
  });
  await app.listen(values.httpPort, values.httpHost);
  logger.info({ url: await app.getUrl(), version: runtime.version, pid: process.pid }, 'listening');
  // Last, because it may wait for the broker, and the health page must tell so meanwhile.
  await app.startAllMicroservices();
  started.value = true;
  logger.info('started');
}

/** The service's module; the operational pages are served meanwhile where the port is known. */
async function assembled<T extends Settings & ProcessSettings>(
  definition: ServiceDefinition<T>,
  values: ValuesOf<T>,
  runtime: Runtime,
): Promise<ServiceModule> {
  if (values.httpPort === 0) return definition.module(values, runtime);
  const address = { host: values.httpHost, port: values.httpPort };
  const server = await openStartUpServer(address, { ...runtime, service: runtime.name });
  try {
    return await definition.module(values, runtime);
  } finally {
    await server.close();
  }
}

function readOrExit<T extends Settings & ProcessSettings>(definition: ServiceDefinition<T>): ValuesOf<T> {
  try {
    return definition.config.read(process.env);
  } catch (error) {
    const { message } = toAppError(error);
    const what = `${definition.name}: the configuration is not valid\n${message}`;
    return exitWith(exitMisconfigured, `${what}\nSee --help, and docs/configuration.md.`);
  }
}

function refuseUnless(condition: boolean, reason: string): void {
  if (!condition) throw new Error(reason);
}

function exitWith(status: number, message: string): never {
  process.stderr.write(`${message}\n`);
  return process.exit(status);
}

function print(text: string): void {
  process.stdout.write(text);
}
