import type { Logger } from '#service';
import { TokenBucket } from '../domain/token-bucket.js';
import type { Outcome } from '../domain/outcome.js';
import type { Source } from '../domain/source.js';

/** Whoever knows the URL can make us write a line: no more than these. The metrics count the rest. */
const lines = { perSecond: 5, burst: 50 };

/** Says of a delivery what its sender, or the administrator of its source, should do something about. */
export class DeliveryLog {
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(private readonly logger: Logger) {}

  /** @param now milliseconds */
  note(source: Source, outcome: Outcome, now: number): void {
    switch (outcome.kind) {
      case 'accepted':
        for (const { reason, what } of outcome.dropped) {
          if (reason === 'unwanted' || reason === 'not_an_image') continue;
          this.warn(source, now, { reason, what }, 'an event was dropped');
        }
        return;
      case 'refused':
        return this.warn(source, now, { reason: outcome.reason }, 'a delivery was refused');
      case 'not_this_format':
        return this.warn(source, now, { expected: outcome.expected }, 'a delivery was not of this format');
      case 'unavailable':
        return this.warn(source, now, { reason: outcome.reason }, 'a delivery could not be published');
      case 'too_many':
      case 'wrong_media_type':
        return this.warn(source, now, { reason: outcome.kind }, 'a delivery was refused');
    }
  }

  private warn(source: Source, now: number, fields: object, text: string): void {
    let bucket = this.buckets.get(source.name);
    if (!bucket) this.buckets.set(source.name, (bucket = new TokenBucket(lines, now)));
    if (bucket.take(now) > 0) return;
    this.logger.warn({ source: source.name, kind: source.kind.kind, ...fields }, text);
  }
}
