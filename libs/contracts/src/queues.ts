import type { Message } from './define-message.js';
import { imageDeleted } from './messages/image-deleted.v1.js';
import { imagePublish } from './messages/image-publish.v1.js';
import { imageUnpublish } from './messages/image-unpublish.v1.js';
import { imagePushed } from './messages/image-pushed.v1.js';
import { registryCatchUp } from './messages/registry-catch-up.v1.js';

/** A consumer group's queue: who reads it and what it hears. Its copies share it. */
export interface Queue {
  /** `<service>.<what it does>`. */
  readonly name: string;
  readonly service: string;
  readonly hears: readonly Message[];
}

const queue = (service: string, does: string, hears: readonly Message[]): Queue => ({
  name: `${service}.${does}`,
  service,
  hears,
});

/** Every queue of the house. A new one is a line here and a handler in its service. */
export const queues = {
  publisherImages: queue('cvmfs-publisher', 'images', [
    imagePushed,
    imageDeleted,
    imagePublish,
    imageUnpublish,
  ]),
  registryCatchUps: queue('registry', 'catch-ups', [registryCatchUp]),
} as const satisfies Record<string, Queue>;
