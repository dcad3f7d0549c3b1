export { type FileContent } from './git/repository.js';
export { type GitLabOptions, type RunnerOptions, startGitLab, TestGitLab } from './gitlab.js';
export { type Fault } from './http/faults.js';
export { type RecordedRequest } from './http/record.js';
export { Job as TestJob } from './job.js';
export {
  type Artifact,
  type CommitStatus,
  type JobState,
  type Limits,
  type Person,
  type Runner,
  type StateUpdate,
} from './model.js';
export { type PipelineOptions } from './pipeline.js';
export { type ProjectOptions, type TestPipeline, TestProject } from './project.js';
