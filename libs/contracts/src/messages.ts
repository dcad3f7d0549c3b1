import type { Message } from './define-message.js';
import { imageDeleted } from './messages/image-deleted.v1.js';
import { imagePublishFailed } from './messages/image-publish-failed.v1.js';
import { imagePublish } from './messages/image-publish.v1.js';
import { imagePublished } from './messages/image-published.v1.js';
import { imagePublishing } from './messages/image-publishing.v1.js';
import { imagePushed } from './messages/image-pushed.v1.js';
import { imageUnpublished } from './messages/image-unpublished.v1.js';
import { imageUnpublishing } from './messages/image-unpublishing.v1.js';

/** Every message of the house. A new one is a file in `messages/` and a line here. */
export const messages: readonly Message[] = [
  imagePushed,
  imageDeleted,
  imagePublish,
  imagePublishing,
  imagePublished,
  imagePublishFailed,
  imageUnpublishing,
  imageUnpublished,
];
