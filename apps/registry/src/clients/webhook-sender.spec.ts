import { freePort } from '#embedded';
import { AddressGuard, networkOf } from './address-guard.js';
import { WebhookSender } from './webhook-sender.js';

const local = [networkOf('127.0.0.0/8')].flatMap((network) => network ?? []);

// Real: a port that nobody listens on.
describe('a receiver that cannot be reached', () => {
  const sender = new WebhookSender(new AddressGuard(local), 10_000);

  it('is told of in words', async () => {
    const answer = await sender.send(new URL(`http://127.0.0.1:${await freePort()}/`), {}, '{}');
    expect(answer).toMatchObject({ status: undefined, reason: 'nothing listens there (ECONNREFUSED)' });
  });

  it('is told of in the words of who keeps requests in', async () => {
    const answer = await sender.send(new URL('http://10.0.0.1/'), {}, '{}');
    expect(answer.reason).toContain('it is not of the public internet');
  });
});
