import { connectBus, silentLogger } from '#bus';
import { isolatedVhost, sharedServer, waitFor } from '#lab';
import { setUpBroker } from '../src/set-up/set-up-broker.js';
import { house, ordered } from './house.js';

// Real: RabbitMQ and its management plugin.
describe('setUpBroker', () => {
  it('lets each service do its own with the user that it made, also a second time with another password', async () => {
    const vhost = await isolatedVhost(import.meta.url);
    const { managementUrl = '' } = await sharedServer('rabbitmq');
    const common = { url: vhost.url, managementUrl, logger: silentLogger, house };
    for (const password of ['first', 'second one/']) {
      const shop = new URL(vhost.url);
      shop.username = 'set-up-shop';
      shop.password = encodeURIComponent(password);
      await setUpBroker({ ...common, services: { shop: shop.href } });
      const bus = connectBus({ url: shop.href, service: 'shop', logger: silentLogger, house });
      await waitFor(() => bus.state().ready, { what: 'the shop to be let in' });
      await bus.publish(ordered, { number: 1 });
      await bus.close();
    }
    expect(await vhost.api('GET', 'permissions/%v/set-up-shop')).toMatchObject({ configure: '^$' });
    expect(await vhost.api('GET', 'queues/%v/warehouse.orders')).toMatchObject({ type: 'quorum' });
  });

  it('says what the broker answered when it is told nonsense', async () => {
    const vhost = await isolatedVhost(import.meta.url, 'refused');
    const { managementUrl = '' } = await sharedServer('rabbitmq');
    const services = { shop: vhost.url.replace(/:\/\/.*@/, '://@') };
    const setUp = { url: vhost.url, managementUrl, logger: silentLogger, house, services };
    await expect(setUpBroker(setUp)).rejects.toMatchObject({ code: 'bus.set_up_refused' });
  });
});
