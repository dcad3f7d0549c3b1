import { subscriptionResource, type SubscriptionSettings } from '#contracts';
import { toAppError } from '#errors';
import { standardHeaders } from '../domain/standard-webhook.js';
import type { SentAnswer, WebhookSender } from '../clients/webhook-sender.js';
import type { Uses } from '#registry-copy';
import type { SigningKey, SigningKeys } from './signing-keys.js';

/** Those who are told: sends them events, signed. */
export class Receivers {
  constructor(
    private readonly keys: SigningKeys,
    private readonly sender: WebhookSender,
    private readonly uses: Uses,
  ) {}

  /** Never rejects for a reason that lies in the subscription, its credential or its receiver: that is the answer then. */
  async send(spec: unknown, event: { readonly id: string; readonly body: string }): Promise<SentAnswer> {
    const { name, url, credential }: SubscriptionSettings = subscriptionResource.schema.parse(spec);
    const { keys, reason } = await this.keysOf(credential);
    if (!keys) return { status: undefined, retryAfter: undefined, said: undefined, milliseconds: 0, reason };
    const seconds = Math.floor(Date.now() / 1_000);
    const signed = standardHeaders(
      keys.map(({ key }) => key),
      { ...event, seconds },
    );
    const answer = await this.sender.send(new URL(url), { ...plainHeaders, ...signed }, event.body);
    if (isTaken(answer))
      for (const { id } of keys) this.uses.note({ credential, secret: id, purpose: `subscription ${name}` });
    return answer;
  }

  private async keysOf(credential: string): Promise<Found> {
    try {
      return { keys: await this.keys.of(credential), reason: undefined };
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.temporary) throw error;
      return { keys: undefined, reason: error.message };
    }
  }
}

const isTaken = ({ status = 0 }: SentAnswer): boolean => status >= 200 && status < 300;

/** The keys, or why there are none. */
interface Found {
  readonly keys: readonly SigningKey[] | undefined;
  readonly reason: string | undefined;
}

const plainHeaders = {
  'content-type': 'application/cloudevents+json; charset=utf-8',
  accept: '*/*',
  'user-agent': 'Slipway',
};
