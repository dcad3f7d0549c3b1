export {
  defineMessage,
  type InputOf,
  type Message,
  type MessageKind,
  type PayloadOf,
} from './define-message.js';
export { exchanges } from './exchanges.js';
export { messages } from './messages.js';
export { queues, type Queue } from './queues.js';
export * from './model/image.js';
export { publicationStep } from './model/publication.js';
export { imageDeleted } from './messages/image-deleted.v1.js';
export { imagePublish } from './messages/image-publish.v1.js';
export { imagePublishFailed } from './messages/image-publish-failed.v1.js';
export { imagePublished } from './messages/image-published.v1.js';
export { imagePublishing } from './messages/image-publishing.v1.js';
export { imagePushed } from './messages/image-pushed.v1.js';
export { imageUnpublished } from './messages/image-unpublished.v1.js';
export { imageUnpublishing } from './messages/image-unpublishing.v1.js';
