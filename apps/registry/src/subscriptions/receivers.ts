import { subscriptionResource, type SubscriptionSettings } from '#contracts';
import { toAppError } from '#errors';
import { standardHeaders } from '../domain/standard-webhook.js';
import type { SentAnswer, WebhookSender } from '../clients/webhook-sender.js';
import type { SigningKeys } from './signing-keys.js';

/** Those who are told: sends them events, signed. */
export class Receivers {
  constructor(
    private readonly keys: SigningKeys,
    private readonly sender: WebhookSender,
  ) {}

  /** Never rejects for a reason that lies in the subscription, its credential or its receiver: that is the answer then. */
  async send(spec: unknown, event: { readonly id: string; readonly body: string }): Promise<SentAnswer> {
    const { url, credential }: SubscriptionSettings = subscriptionResource.schema.parse(spec);
    const { headers, reason } = await this.signed(credential, event);
    if (!headers)
      return { status: undefined, retryAfter: undefined, said: undefined, milliseconds: 0, reason };
    return this.sender.send(new URL(url), { ...plainHeaders, ...headers }, event.body);
  }

  private async signed(
    credential: string,
    event: { readonly id: string; readonly body: string },
  ): Promise<Signed> {
    try {
      const seconds = Math.floor(Date.now() / 1_000);
      const headers = standardHeaders(await this.keys.of(credential), { ...event, seconds });
      return { headers, reason: undefined };
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.temporary) throw error;
      return { headers: undefined, reason: error.message };
    }
  }
}

/** The headers, or why there are none. */
interface Signed {
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly reason: string | undefined;
}

const plainHeaders = {
  'content-type': 'application/cloudevents+json; charset=utf-8',
  accept: '*/*',
  'user-agent': 'Slipway',
};
