export { composeCiJob } from './compose-ci-job.js';
export {
  type ArtifactPlan,
  type ComposedCiJob,
  type ComposingContext,
  type ComposingOutcome,
  type RefusedCiJob,
  type TemplateSecrets,
  withSecrets,
} from './composed.js';
