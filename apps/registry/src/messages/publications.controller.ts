import { Consume, type HandlerContext, policy } from '#bus';
import {
  imageDeleted,
  imagePublished,
  imagePublishFailed,
  imagePublishing,
  imagePushed,
  imageQueued,
  imageUnpublished,
  imageUnpublishing,
  imageUntagged,
  type PayloadOf,
  queues,
} from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import type { PublicationSaid } from '../domain/publication-record.js';
import { PublicationStore } from '../storage/publication.store.js';

// The database may be away for a while; then what was heard waits.
const hearing = policy({ prefetch: 64, concurrency: 4 });
const queue = queues.registryPublications;

/** Keeps what is said of images, for those who ask how far they are. */
@Controller()
export class PublicationsListener {
  constructor(@Inject(PublicationStore) private readonly store: PublicationStore) {}

  @Consume(queue, imagePushed, hearing)
  async pushed(data: PayloadOf<typeof imagePushed>, { time }: HandlerContext): Promise<void> {
    await this.store.heardOf({ ...data, at: time, isDeletion: false });
  }

  @Consume(queue, imageDeleted, hearing)
  async deleted(data: PayloadOf<typeof imageDeleted>, { time }: HandlerContext): Promise<void> {
    await this.store.heardOf({ ...data, at: time, isDeletion: true });
  }

  @Consume(queue, imageQueued, hearing)
  queued(data: PayloadOf<typeof imageQueued>, context: HandlerContext): Promise<void> {
    return this.hear(context, { name: 'image.queued', data, at: at(context) });
  }

  @Consume(queue, imagePublishing, hearing)
  publishing(data: PayloadOf<typeof imagePublishing>, context: HandlerContext): Promise<void> {
    return this.hear(context, { name: 'image.publishing', data, at: at(context) });
  }

  @Consume(queue, imagePublished, hearing)
  published(data: PayloadOf<typeof imagePublished>, context: HandlerContext): Promise<void> {
    return this.hear(context, { name: 'image.published', data, at: at(context) });
  }

  @Consume(queue, imagePublishFailed, hearing)
  failed(data: PayloadOf<typeof imagePublishFailed>, context: HandlerContext): Promise<void> {
    return this.hear(context, { name: 'image.publish_failed', data, at: at(context) });
  }

  @Consume(queue, imageUntagged, hearing)
  untagged(data: PayloadOf<typeof imageUntagged>, context: HandlerContext): Promise<void> {
    return this.hear(context, { name: 'image.untagged', data, at: at(context) });
  }

  @Consume(queue, imageUnpublishing, hearing)
  unpublishing(data: PayloadOf<typeof imageUnpublishing>, context: HandlerContext): Promise<void> {
    return this.hear(context, { name: 'image.unpublishing', data, at: at(context) });
  }

  @Consume(queue, imageUnpublished, hearing)
  unpublished(data: PayloadOf<typeof imageUnpublished>, context: HandlerContext): Promise<void> {
    return this.hear(context, { name: 'image.unpublished', data, at: at(context) });
  }

  private async hear({ id }: HandlerContext, said: PublicationSaid): Promise<void> {
    await this.store.hear(id, said);
  }
}

/** In one spelling, so that times can be compared as they are kept. */
const at = ({ time }: HandlerContext): string => new Date(time).toISOString();
