export {
  amqpUrlSetting,
  houseSetting,
  keyRingSetting,
  pluginsSetting,
  postgresUrlSetting,
  processSettings,
  schemaSetting,
  slipwayFileSetting,
} from './config/process-settings.js';
export { defineConfig, type ConfigDefinition, type Settings, type ValuesOf } from './config/define-config.js';
export type { Environment } from './config/read-setting.js';
export { readCertificates } from './config/certificates-file.js';
export { flag, integer, urlsWith, urlWith } from './config/setting-types.js';
export { setting, type Setting } from './config/setting.js';
export { contentOfCursor, cursorOf } from './http/cursor.js';
export { type Failure, failureOf, type FailureRules, problemOf } from './http/failure.js';
export { createMetrics, Registry } from './http/metrics.js';
export { Readiness, type ReadinessCheck, type ReadinessReport } from './http/readiness.js';
export { createLogger, logError, type Logger, type LoggerOptions } from './logging/logger.js';
export { nestLogger } from './logging/nest-logger.js';
export { createScrubber, type Scrubber } from './logging/redaction.js';
export { Every } from './run/every.js';
export { helpText } from './run/help.js';
export { MicroBatch } from './run/micro-batch.js';
export { runService, type ServiceDefinition } from './run/run-service.js';
export type { ServiceModule } from './run/root-module.js';
export { CONFIG, LOGGER, METRICS, READINESS, type Runtime } from './run/runtime.js';
export { slipwayVersion } from './run/version.js';
export { WakeUp } from './run/wake-up.js';
export {
  childTrace,
  currentTrace,
  currentTraceparent,
  formatTraceparent,
  parseTraceparent,
  type TraceContext,
  withTrace,
} from './tracing/trace-context.js';
