export { allowedFailuresText, type AllowedFailures, mostFailures } from './allowed-failures.js';
export { type FanOut, isRefusal, type Item, type ListFormat, type Over, type Refusal } from './fan-out.js';
export { fanOutOf } from './fan-out-of.js';
export { mostListBytes, readList } from './read-list.js';
export {
  type Counts,
  type Ending,
  type Next,
  nextStage,
  type SoFar,
  type Stage,
  type StageName,
} from './next-stage.js';
export { countsText, isLineDue, type Progress, progressLine, type Told } from './progress-line.js';
export { type FailedJob, type GroupSummary, mostFailedShown, sharedExitCode, summaryOf } from './summary.js';
export { fanOutOfJob, itemsDirectory, listOutput, stageJob } from './stage-job.js';
export { beginningWords, fanOutWords } from './words.js';
