export {
  type AttemptToRun,
  type ComposedJob,
  composeAttempt,
  composeGroup,
  composeJob,
  type GroupToRun,
  type WayToMonitor,
} from './compose-job.js';
export { jobScript } from './job-script.js';
