export { GitLabServer, type Answer, type Question } from './http/gitlab-server.js';
export { patiently, type Patience, waitAfter } from './http/patience.js';
export { ciJob, type CiArtifact, type CiDependency, type CiJob } from './job.js';
export {
  type ArtifactUpload,
  openDependency,
  type Opened,
  uploadArtifact,
  type Uploaded,
} from './runner/artifacts.js';
export { runnerFeatures } from './runner/features.js';
export {
  checksumText,
  type JobAddress,
  JobClient,
  type JobState,
  mostPatchBytes,
  type StateSet,
  type TracePatched,
  type Wanted,
} from './runner/job-client.js';
export { type JobRequest, RunnerClient, type RunnerOptions, type Verified } from './runner/runner-client.js';
export { systemIdOf } from './runner/system-id.js';
export {
  type CommitState,
  type CommitStatus,
  setCommitStatus,
  type StatusSet,
} from './statuses/commit-statuses.js';
export { Masker, type MaskRules, maskRulesOf } from './trace/masker.js';
export { noticeLine, renewedLine, type Tone, traceChecksum } from './trace/trace-text.js';
