import 'reflect-metadata';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyServerOptions } from 'fastify';
import { toAppError } from '#errors';
import type { ConfigDefinition, Settings, ValuesOf } from '../config/define-config.js';
import type { processSettings } from '../config/process-settings.js';
import { createMetrics } from '../http/metrics.js';
import { addOperationalRoutes } from '../http/operational-routes.js';
import { Readiness } from '../http/readiness.js';
import { createLogger } from '../logging/logger.js';
import { nestLogger } from '../logging/nest-logger.js';
import { createScrubber } from '../logging/redaction.js';
import { helpText } from './help.js';
import { rootModule, type ServiceModule } from './root-module.js';
import type { Runtime } from './runtime.js';
import { closeOnSignals, exitOnDefects } from './signals.js';
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
  readonly nest?: Pick<NestApplicationOptions, 'bodyParser' | 'rawBody'>;
}

/** sysexits.h EX_CONFIG: starting again will not help before somebody changes the configuration. */
const exitMisconfigured = 78;

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
  if (process.argv.includes('--help') || process.argv.includes('-h'))
    return print(helpText({ name, description, settings: config.settings }));
  if (process.argv.includes('--version')) return print(`${version}\n`);

  const values = readOrExit(definition);
  const scrubber = createScrubber();
  for (const secret of config.secretsOf(values)) scrubber.learn(secret);
  const logger = createLogger({ service: name, level: values.logLevel, scrubber });
  exitOnDefects(logger);
  const metrics = createMetrics(name, version);
  const runtime: Runtime = { name, version, logger, metrics, scrubber, readiness: new Readiness() };
  try {
    await start(definition, values, runtime);
  } catch (error) {
    const { code } = toAppError(error);
    logger.fatal({ err: error }, 'cannot start');
    process.exit(code === 'settings.invalid' ? exitMisconfigured : 1);
  }
}

async function start<T extends Settings & ProcessSettings>(
  definition: ServiceDefinition<T>,
  values: ValuesOf<T>,
  runtime: Runtime,
): Promise<void> {
  const { name, logger, metrics, readiness, scrubber } = runtime;
  const started = { value: false };
  readiness.add({ name: 'start', check: () => refuseUnless(started.value, 'still starting') });
  const module = await definition.module(values, runtime);
  const app = await NestFactory.create<NestFastifyApplication>(
    rootModule(module, values, runtime),
    newAdapter(definition.fastify),
    { logger: nestLogger(logger), abortOnError: false, ...definition.nest },
  );
  addOperationalRoutes(app.getHttpAdapter().getInstance(), { service: name, readiness, metrics, scrubber });
  await definition.prepare?.(app, values, runtime);
  closeOnSignals({
    logger,
    deadlineMs: values.shutdownSeconds * 1_000,
    close: async () => {
      readiness.stop();
      await closeServer(app);
    },
  });
  await app.listen(values.httpPort, values.httpHost);
  logger.info({ url: await app.getUrl(), version: runtime.version, pid: process.pid }, 'listening');
  // Last, because it may wait for the broker, and the health page must tell so meanwhile.
  await app.startAllMicroservices();
  started.value = true;
  logger.info('started');
}

function readOrExit<T extends Settings & ProcessSettings>(definition: ServiceDefinition<T>): ValuesOf<T> {
  try {
    return definition.config.read(process.env);
  } catch (error) {
    const { message } = toAppError(error);
    process.stderr.write(`${definition.name}: the configuration is not valid\n${message}\n`);
    process.stderr.write(`See --help, and docs/configuration.md.\n`);
    return process.exit(exitMisconfigured);
  }
}

function newAdapter(options: FastifyServerOptions = {}): FastifyAdapter {
  return new FastifyAdapter({
    logger: false,
    // Express-style middleware costs on every request, and nobody here uses it.
    skipMiddie: true,
    // A request that slips in while the server closes is still served: some senders never send again.
    return503OnClosing: false,
    ...options,
  });
}

/** A kept-alive connection whose request was in progress would hold the server open for its idle time-out. */
async function closeServer(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  const timer = setInterval(() => server.closeIdleConnections(), 50);
  await app.close().finally(() => clearInterval(timer));
}

function refuseUnless(condition: boolean, reason: string): void {
  if (!condition) throw new Error(reason);
}

function print(text: string): void {
  process.stdout.write(text);
}
