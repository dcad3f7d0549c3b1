export { ciVariables } from './ci-variables.js';
export { composeCiJob } from './compose-ci-job.js';
export {
  type ArtifactPlan,
  type ComposedCiJob,
  type ComposingContext,
  type ComposingOutcome,
  type RefusedCiJob,
  withSealed,
  withSecrets,
} from './composed.js';
