export {
  defineMessage,
  type InputOf,
  type Message,
  type MessageKind,
  type PayloadOf,
} from './define-message.js';
export { exchanges, retryDelays, retryExchange, type RetryDelay } from './exchanges.js';
export { deadLetterKeepers, everyChange, type Listener, listeners } from './listeners.js';
export { messages } from './messages.js';
export { queues, type Queue } from './queues.js';
export { glob } from './model/glob.js';
export * from './model/image.js';
export { imageOrigin, type ImageOrigin } from './model/image-origin.js';
export { expectationOf, inWords, kindOfValue, reasonsOf } from './model/in-words.js';
export { itemDirectories } from './model/item-directories.js';
export * from './model/attempt-state.js';
export * from './model/job.js';
export { groupItemOf, jobRequest, type JobRequest, type JobRequestAsWritten } from './model/job-request.js';
export { resourceName } from './model/names.js';
export { byteSize, duration, parseBytes, parseDuration } from './model/quantity.js';
export { secretReference, type SecretReference } from './model/secret-reference.js';
export { publicationStep, publicationSubject } from './model/publication.js';
export { gitlabDeployment } from './messages/gitlab-deployment.v1.js';
export { gitlabIssue } from './messages/gitlab-issue.v1.js';
export { gitlabJob } from './messages/gitlab-job.v1.js';
export { gitlabMergeRequest } from './messages/gitlab-merge-request.v1.js';
export { gitlabNote } from './messages/gitlab-note.v1.js';
export { gitlabPipeline } from './messages/gitlab-pipeline.v1.js';
export { gitlabPush } from './messages/gitlab-push.v1.js';
export { gitlabRelease } from './messages/gitlab-release.v1.js';
export { gitlabSystem } from './messages/gitlab-system.v1.js';
export { gitlabTagPush } from './messages/gitlab-tag-push.v1.js';
export { gitlabWikiPage } from './messages/gitlab-wiki-page.v1.js';
export { imageDeleted } from './messages/image-deleted.v1.js';
export { imagePublish } from './messages/image-publish.v1.js';
export { imagePublishFailed } from './messages/image-publish-failed.v1.js';
export { imagePublished } from './messages/image-published.v1.js';
export { imagePublishing } from './messages/image-publishing.v1.js';
export { imagePushed } from './messages/image-pushed.v1.js';
export { imageQueued } from './messages/image-queued.v1.js';
export { imageUnpublish } from './messages/image-unpublish.v1.js';
export { imageUnpublished } from './messages/image-unpublished.v1.js';
export { imageUnpublishing } from './messages/image-unpublishing.v1.js';
export { imageUntagged } from './messages/image-untagged.v1.js';
export { jobSubmit } from './messages/job-submit.v1.js';
export { jobCancel } from './messages/job-cancel.v1.js';
export { jobRetry } from './messages/job-retry.v1.js';
export { groupQueued } from './messages/group-queued.v1.js';
export { groupRefused } from './messages/group-refused.v1.js';
export { jobQueued } from './messages/job-queued.v1.js';
export { jobSubmitted } from './messages/job-submitted.v1.js';
export { jobRefused } from './messages/job-refused.v1.js';
export { jobWithdrawn } from './messages/job-withdrawn.v1.js';
export { jobCancelling } from './messages/job-cancelling.v1.js';
export { jobWaiting } from './messages/job-waiting.v1.js';
export { jobRunning } from './messages/job-running.v1.js';
export { jobSucceeded } from './messages/job-succeeded.v1.js';
export { jobFailed } from './messages/job-failed.v1.js';
export { jobCancelled } from './messages/job-cancelled.v1.js';
export { jobLost } from './messages/job-lost.v1.js';
export { jobRetried } from './messages/job-retried.v1.js';
export { jobLog } from './messages/job-log.v1.js';
export { groupProgressed } from './messages/group-progressed.v1.js';
export { groupFinished } from './messages/group-finished.v1.js';
export { ciJobReceived } from './messages/ci-job-received.v1.js';
export { ciJobFinished } from './messages/ci-job-finished.v1.js';
export { commitSetStatus } from './messages/commit-set-status.v1.js';
export { commitStatusSet } from './messages/commit-status-set.v1.js';
export { webhookReceived } from './messages/webhook-received.v1.js';
export { projectChanged } from './messages/project-changed.v1.js';
export { credentialChanged } from './messages/credential-changed.v1.js';
export { sourceChanged } from './messages/source-changed.v1.js';
export { imageRuleChanged } from './messages/image-rule-changed.v1.js';
export { cvmfsRepositoryChanged } from './messages/cvmfs-repository-changed.v1.js';
export { containerRegistryChanged } from './messages/container-registry-changed.v1.js';
export { backendChanged } from './messages/backend-changed.v1.js';
export { identityMappingChanged } from './messages/identity-mapping-changed.v1.js';
export { gitlabServerChanged } from './messages/gitlab-server-changed.v1.js';
export { runnerChanged } from './messages/runner-changed.v1.js';
export { subscriptionChanged } from './messages/subscription-changed.v1.js';
export { credentialExpiring } from './messages/credential-expiring.v1.js';
export { credentialUsed } from './messages/credential-used.v1.js';
export { asWritten } from './resources/as-written.js';
export { registryCatchUp } from './messages/registry-catch-up.v1.js';
export { registrySnapshot } from './messages/registry-snapshot.v1.js';
export { changeFields } from './resources/changed.js';
export {
  type Reference,
  type Resource,
  type ResourceKind,
  resourceKinds,
  type SettingsOf,
} from './resources/define-resource.js';
export { backendResource, type BackendSettings } from './resources/backend.resource.js';
export { containerRegistryResource, type RegistrySettings } from './resources/container-registry.resource.js';
export { credentialResource, type CredentialSettings } from './resources/credential.resource.js';
export {
  cvmfsDriverKinds,
  cvmfsRepositoryResource,
  type CvmfsRepositorySettings,
} from './resources/cvmfs-repository.resource.js';
export { gitlabServerResource, type GitLabServerSettings } from './resources/gitlab-server.resource.js';
export {
  identityMappingResource,
  type IdentityMappingSettings,
} from './resources/identity-mapping.resource.js';
export { imageRuleResource, type ImageRule } from './resources/image-rule.resource.js';
export { projectResource, type ProjectSettings } from './resources/project.resource.js';
export { runnerResource, type RunnerSettings } from './resources/runner.resource.js';
export { resources } from './resources/resources.js';
export {
  sourceResource,
  type SourceKind,
  sourceKinds,
  type SourceSettings,
} from './resources/source.resource.js';
export { subscriptionResource, type SubscriptionSettings } from './resources/subscription.resource.js';
