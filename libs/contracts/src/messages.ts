import type { Message } from './define-message.js';
import { gitlabDeployment } from './messages/gitlab-deployment.v1.js';
import { gitlabIssue } from './messages/gitlab-issue.v1.js';
import { gitlabJob } from './messages/gitlab-job.v1.js';
import { gitlabMergeRequest } from './messages/gitlab-merge-request.v1.js';
import { gitlabNote } from './messages/gitlab-note.v1.js';
import { gitlabPipeline } from './messages/gitlab-pipeline.v1.js';
import { gitlabPush } from './messages/gitlab-push.v1.js';
import { gitlabRelease } from './messages/gitlab-release.v1.js';
import { gitlabSystem } from './messages/gitlab-system.v1.js';
import { gitlabTagPush } from './messages/gitlab-tag-push.v1.js';
import { gitlabWikiPage } from './messages/gitlab-wiki-page.v1.js';
import { imageDeleted } from './messages/image-deleted.v1.js';
import { imagePublishFailed } from './messages/image-publish-failed.v1.js';
import { imagePublish } from './messages/image-publish.v1.js';
import { imagePublished } from './messages/image-published.v1.js';
import { imagePublishing } from './messages/image-publishing.v1.js';
import { imagePushed } from './messages/image-pushed.v1.js';
import { imageQueued } from './messages/image-queued.v1.js';
import { imageUnpublish } from './messages/image-unpublish.v1.js';
import { imageUnpublished } from './messages/image-unpublished.v1.js';
import { imageUnpublishing } from './messages/image-unpublishing.v1.js';
import { imageUntagged } from './messages/image-untagged.v1.js';
import { projectChanged } from './messages/project-changed.v1.js';
import { credentialChanged } from './messages/credential-changed.v1.js';
import { sourceChanged } from './messages/source-changed.v1.js';
import { imageRuleChanged } from './messages/image-rule-changed.v1.js';
import { cvmfsRepositoryChanged } from './messages/cvmfs-repository-changed.v1.js';
import { containerRegistryChanged } from './messages/container-registry-changed.v1.js';
import { backendChanged } from './messages/backend-changed.v1.js';
import { identityMappingChanged } from './messages/identity-mapping-changed.v1.js';
import { gitlabServerChanged } from './messages/gitlab-server-changed.v1.js';
import { runnerChanged } from './messages/runner-changed.v1.js';
import { subscriptionChanged } from './messages/subscription-changed.v1.js';
import { credentialExpiring } from './messages/credential-expiring.v1.js';
import { credentialUsed } from './messages/credential-used.v1.js';
import { registryCatchUp } from './messages/registry-catch-up.v1.js';
import { registrySnapshot } from './messages/registry-snapshot.v1.js';
import { jobSubmit } from './messages/job-submit.v1.js';
import { jobCancel } from './messages/job-cancel.v1.js';
import { jobRetry } from './messages/job-retry.v1.js';
import { groupQueued } from './messages/group-queued.v1.js';
import { groupRefused } from './messages/group-refused.v1.js';
import { jobQueued } from './messages/job-queued.v1.js';
import { jobSubmitted } from './messages/job-submitted.v1.js';
import { jobRefused } from './messages/job-refused.v1.js';
import { jobWithdrawn } from './messages/job-withdrawn.v1.js';
import { jobCancelling } from './messages/job-cancelling.v1.js';
import { jobWaiting } from './messages/job-waiting.v1.js';
import { jobRunning } from './messages/job-running.v1.js';
import { jobSucceeded } from './messages/job-succeeded.v1.js';
import { jobFailed } from './messages/job-failed.v1.js';
import { jobCancelled } from './messages/job-cancelled.v1.js';
import { jobLost } from './messages/job-lost.v1.js';
import { jobRetried } from './messages/job-retried.v1.js';
import { jobLog } from './messages/job-log.v1.js';
import { groupProgressed } from './messages/group-progressed.v1.js';
import { groupFinished } from './messages/group-finished.v1.js';
import { ciJobReceived } from './messages/ci-job-received.v1.js';
import { ciJobFinished } from './messages/ci-job-finished.v1.js';
import { commitSetStatus } from './messages/commit-set-status.v1.js';
import { commitStatusSet } from './messages/commit-status-set.v1.js';
import { webhookReceived } from './messages/webhook-received.v1.js';

/** Every message of the house. A new one is a file in `messages/` and a line here. */
export const messages: readonly Message[] = [
  imagePushed,
  imageDeleted,
  imagePublish,
  imageUnpublish,
  imageQueued,
  imagePublishing,
  imagePublished,
  imagePublishFailed,
  imageUnpublishing,
  imageUnpublished,
  imageUntagged,
  gitlabPush,
  gitlabTagPush,
  gitlabMergeRequest,
  gitlabPipeline,
  gitlabJob,
  gitlabNote,
  gitlabIssue,
  gitlabRelease,
  gitlabDeployment,
  gitlabWikiPage,
  gitlabSystem,
  jobSubmit,
  jobCancel,
  jobRetry,
  groupQueued,
  groupRefused,
  jobQueued,
  jobSubmitted,
  jobRefused,
  jobWithdrawn,
  jobCancelling,
  jobWaiting,
  jobRunning,
  jobSucceeded,
  jobFailed,
  jobCancelled,
  jobLost,
  jobRetried,
  jobLog,
  groupProgressed,
  groupFinished,
  ciJobReceived,
  ciJobFinished,
  commitSetStatus,
  commitStatusSet,
  webhookReceived,
  projectChanged,
  credentialChanged,
  sourceChanged,
  imageRuleChanged,
  cvmfsRepositoryChanged,
  containerRegistryChanged,
  backendChanged,
  identityMappingChanged,
  gitlabServerChanged,
  runnerChanged,
  subscriptionChanged,
  credentialExpiring,
  credentialUsed,
  registryCatchUp,
  registrySnapshot,
];
