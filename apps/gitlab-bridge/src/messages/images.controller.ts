import { Consume, type HandlerContext, policy } from '#bus';
import {
  imagePublished,
  imageUnpublished,
  imageUnpublishing,
  imageUntagged,
  type PayloadOf,
  queues,
} from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import { PublishedImageStore } from '../images/published-image.store.js';

const hearing = policy({ prefetch: 64, concurrency: 4 });

/** Hears which images are on CVMFS, so that CI jobs run from there. */
@Controller()
export class ImagesController {
  constructor(@Inject(PublishedImageStore) private readonly store: PublishedImageStore) {}

  @Consume(queues.bridgeImages, imagePublished, hearing)
  published(data: PayloadOf<typeof imagePublished>, { time }: HandlerContext): Promise<void> {
    return this.store.published({ ...data, at: time }, data.path, data.tags);
  }

  @Consume(queues.bridgeImages, imageUntagged, hearing)
  untagged(data: PayloadOf<typeof imageUntagged>, { time }: HandlerContext): Promise<void> {
    return this.store.untagged({ ...data, at: time }, data.removed);
  }

  @Consume(queues.bridgeImages, imageUnpublishing, hearing)
  unpublishing(data: PayloadOf<typeof imageUnpublishing>, { time }: HandlerContext): Promise<void> {
    return this.store.going({ ...data, at: time }, data.path);
  }

  @Consume(queues.bridgeImages, imageUnpublished, hearing)
  unpublished(data: PayloadOf<typeof imageUnpublished>, { time }: HandlerContext): Promise<void> {
    return this.store.going({ ...data, at: time }, data.path);
  }
}
