import { connectBus, silentLogger } from '#bus';
import { freePort } from '#embedded';
import { isolatedVhost, sharedServer, waitFor } from '#lab';
import { setUpBroker } from '../src/set-up/set-up-broker.js';
import { house, ordered, rememberingLogger } from './house.js';

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

  it('lets no service say what another says, nor listen to what it is not meant to hear', async () => {
    const vhost = await isolatedVhost(import.meta.url, 'topics');
    const { managementUrl = '' } = await sharedServer('rabbitmq');
    const address = (name: string): string => {
      const url = new URL(vhost.url);
      url.username = `topics-${name}`;
      url.password = 'a-password';
      return url.href;
    };
    const services = { shop: address('shop'), warehouse: address('warehouse') };
    await setUpBroker({ url: vhost.url, managementUrl, logger: silentLogger, house, services });
    const other = { ...ordered, routingKey: 'elsewhere.said.v1', type: 'org.slipway.elsewhere.said.v1' };
    const shop = connectBus({ url: services.shop, service: 'shop', logger: silentLogger, house });
    await shop.publish(ordered, { number: 1 });
    await expect(shop.publish(other, { number: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('ACCESS_REFUSED') as string,
    });
    await shop.close();
    const lines = rememberingLogger();
    const warehouse = connectBus({ url: services.warehouse, service: 'warehouse', logger: lines, house });
    let isOpen = false;
    warehouse.listen({ keys: ['shop.#'], handle: () => {}, onOpen: () => (isOpen = true) });
    await waitFor(() => isOpen, { what: 'the warehouse to listen' });
    warehouse.listen({ keys: ['#'], handle: () => {} });
    await waitFor(() => lines.lines.some((line) => line.includes('ACCESS_REFUSED')), { what: 'the refusal' });
    await warehouse.close();
  });

  it('says what the broker answered when it is told nonsense', async () => {
    const vhost = await isolatedVhost(import.meta.url, 'refused');
    const { managementUrl = '' } = await sharedServer('rabbitmq');
    const services = { shop: vhost.url.replace(/:\/\/.*@/, '://@') };
    const setUp = { url: vhost.url, managementUrl, logger: silentLogger, house, services };
    await expect(setUpBroker(setUp)).rejects.toMatchObject({ code: 'bus.set_up_refused' });
  });

  it('says where nobody answers for the management, and why', async () => {
    const vhost = await isolatedVhost(import.meta.url, 'unmanaged');
    const host = `127.0.0.1:${await freePort()}`;
    const services = { shop: vhost.url };
    const setUp = { url: vhost.url, managementUrl: `http://${host}`, logger: silentLogger, house, services };
    await expect(setUpBroker(setUp)).rejects.toMatchObject({
      code: 'bus.unavailable',
      message: `the broker's management at ${host} cannot be used: nothing listens there (ECONNREFUSED)`,
    });
  });
});
