export { judge, type Known, type Verdict, type JudgedGroup } from './acceptance/acceptance.js';
export {
  type BackendKind,
  type BackendOptions,
  type BatchJob,
  type BatchNews,
  type BatchReport,
  type Call,
  type GridBackend,
  type GridIdentity,
  type GridLogger,
  type Submission,
  type SubmittedAttempt,
  transferredFiles,
} from './backend.js';
export { backendKinds } from './backends/index.js';
export { openBackend } from './open-backend.js';
export { loadPlugins, type Plugins } from './plugins/load-plugins.js';
export { attemptIdOf, jobIdOf } from './model/ids.js';
export {
  type AttemptToRun,
  type ComposedJob,
  composeAttempt,
  composeGroup,
  composeJob,
  type GroupToRun,
  jobScript,
  type WayToMonitor,
} from './wrapper/index.js';
