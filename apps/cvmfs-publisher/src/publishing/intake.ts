import {
  imagePublishFailed,
  type imageDeleted,
  type imagePublish,
  type imagePushed,
  type imageUnpublish,
  type PayloadOf,
  type ImageRule,
} from '#contracts';
import { addToOutbox } from '#database';
import { permanent, toAppError } from '#errors';
import type { ImageSource } from '#oci';
import type { NamedImage } from '#settings';
import type { DataSource } from 'typeorm';
import { linkPath } from '../domain/layout.js';
import type { RequestStore } from '../storage/request.store.js';
import type { WithdrawalStore } from '../storage/withdrawal.store.js';
import { Stopwatch } from './stopwatch.js';

/** What of a message's envelope the work needs. */
export interface Asked {
  readonly id: string;
  readonly time: Date;
  readonly traceparent: string | undefined;
  /** 1 for the first delivery. */
  readonly attempt: number;
  /** Whether the bus gives up after this attempt. */
  readonly isLast: boolean;
}

interface Wish {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

/** Where a wish leads to. */
type Destination = Pick<ImageRule, 'cvmfsRepository' | 'platform' | 'imageSource'>;

/** What is asked and what is woken when a message about images comes. */
export interface IntakeParts {
  readonly dataSource: DataSource;
  readonly requests: RequestStore;
  readonly withdrawals: WithdrawalStore;
  readonly matching: (image: NamedImage) => readonly ImageRule[];
  /** The names of those that are configured now. */
  readonly cvmfsRepositories: () => readonly string[];
  readonly sources: Readonly<Record<'registry' | 'docker', ImageSource>>;
  /** New work is in the database, or something is in the outbox. */
  readonly accepted: () => void;
}

/** Turns messages into remembered requests: matches the rules and asks the registry what the name stands for. */
export class Intake {
  constructor(private readonly parts: IntakeParts) {}

  /** A push that no rule wants is no error: most are not for CVMFS. */
  async pushed(image: PayloadOf<typeof imagePushed>, asked: Asked): Promise<void> {
    const pushedAt = image.pushedAt ? new Date(image.pushedAt) : asked.time;
    await this.request(image, this.parts.matching(image), { ...asked, time: pushedAt });
  }

  /** @throws permanent `image.no_rule` when nothing says where to */
  async publish(wish: PayloadOf<typeof imagePublish>, asked: Asked): Promise<void> {
    const rules = this.parts
      .matching(wish)
      .filter((rule) => [undefined, rule.cvmfsRepository].includes(wish.cvmfsRepository));
    const destinations: Destination[] = rules.map((rule) => ({
      ...rule,
      platform: wish.platform ?? rule.platform,
    }));
    if (destinations.length === 0 && wish.cvmfsRepository !== undefined) {
      destinations.push({
        cvmfsRepository: wish.cvmfsRepository,
        platform: wish.platform ?? 'linux/amd64',
        imageSource: 'registry',
      });
    }
    if (destinations.length === 0) {
      throw permanent(
        'image.no_rule',
        `no image rule says where ${wish.registry}/${wish.repository} goes, and the command does not either`,
      );
    }
    await this.request(wish, destinations, asked);
  }

  async deleted(image: PayloadOf<typeof imageDeleted>, asked: Asked): Promise<void> {
    const at = image.deletedAt ? new Date(image.deletedAt) : asked.time;
    const { registry, repository, tag, digest } = image;
    if ((await this.parts.requests.retire({ registry, repository, tag, digest, at })) > 0)
      this.parts.accepted();
  }

  /** Nothing there is no error: the message may come twice. */
  async unpublish(wish: PayloadOf<typeof imageUnpublish>, asked: Asked): Promise<void> {
    if ((await this.parts.withdrawals.withdraw({ ...wish, at: asked.time })) > 0) this.parts.accepted();
  }

  private async request(wish: Wish, destinations: readonly Destination[], asked: Asked): Promise<void> {
    const failures: unknown[] = [];
    for (const destination of destinations) {
      // What one destination refuses is no reason to skip the others.
      await this.accept(wish, destination, asked).catch(async (thrown: unknown) => {
        failures.push(thrown);
        await this.sayFailed(wish, destination, thrown, asked);
      });
    }
    this.parts.accepted();
    // Trying again repeats what was accepted, which does no harm; what may still succeed decides.
    const errors = failures.map(toAppError);
    const decisive = errors.find((error) => error.temporary) ?? errors[0];
    if (decisive) throw decisive;
  }

  private async accept(
    wish: Wish,
    { cvmfsRepository, platform, imageSource }: Destination,
    asked: Asked,
  ): Promise<void> {
    if (!this.parts.cvmfsRepositories().includes(cvmfsRepository)) {
      throw permanent(
        'cvmfs.unknown_repository',
        `${cvmfsRepository} is not among the configured CVMFS repositories`,
      );
    }
    const { registry, repository, tag, digest } = wish;
    const resolved = await this.parts.sources[imageSource].resolve(
      { registry, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) },
      platform,
    );
    const name = tag === undefined ? `@${digest ?? resolved.digest}` : `:${tag}`;
    linkPath({ registry, repository, name });
    await this.parts.requests.accept({
      cvmfsRepository,
      registry,
      repository,
      name,
      imageSource,
      digest: resolved.digest,
      pushedDigest: digest ?? resolved.digest,
      platform: resolved.platform,
      origin: resolved.origin,
      pushedAt: asked.time,
      requestedBy: asked.id,
      traceparent: asked.traceparent,
    });
  }

  private async sayFailed(
    wish: Wish,
    { cvmfsRepository, platform }: Destination,
    thrown: unknown,
    asked: Asked,
  ): Promise<void> {
    const error = toAppError(thrown);
    const payload = {
      cvmfsRepository,
      registry: wish.registry,
      repository: wish.repository,
      tags: wish.tag === undefined ? [] : [wish.tag],
      ...(wish.digest !== undefined && { digest: wish.digest }),
      platform,
      step: 'resolve' as const,
      code: error.code,
      reason: error.message.slice(0, 4000),
      willRetry: error.temporary && !asked.isLast,
      attempt: asked.attempt,
      seconds: new Stopwatch().seconds(),
    };
    await this.parts.dataSource.transaction((manager) =>
      addToOutbox(manager, {
        message: imagePublishFailed,
        payload,
        causationId: asked.id,
        traceparent: asked.traceparent,
      }),
    );
  }
}
