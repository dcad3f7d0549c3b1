export {
  defineMessage,
  type InputOf,
  type Message,
  type MessageKind,
  type PayloadOf,
} from './define-message.js';
export { exchanges, retryDelays, retryExchange, type RetryDelay } from './exchanges.js';
export { messages } from './messages.js';
export { queues, type Queue } from './queues.js';
export * from './model/image.js';
export { publicationStep } from './model/publication.js';
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
export { imageUnpublished } from './messages/image-unpublished.v1.js';
export { imageUnpublishing } from './messages/image-unpublishing.v1.js';
export { webhookReceived } from './messages/webhook-received.v1.js';
