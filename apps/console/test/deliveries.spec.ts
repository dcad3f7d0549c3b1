import type { Browser } from 'playwright-core';
import { waitFor } from '#lab';
import { barriers, looks, openBrowser, openWindow, overhang, picture } from './browser.js';
import { type ConsoleWorld, consoleWorld, signIn } from './console-world.js';
import { type HookReceiver, hookReceiver } from './hook-receiver.js';

let browser: Browser;
let world: ConsoleWorld;
let receiver: HookReceiver;

beforeAll(async () => {
  receiver = await hookReceiver();
  world = await consoleWorld(import.meta.url, { SLIPWAY_SUBSCRIPTION_NETWORKS: '127.0.0.1/32' });
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  await world.ask('POST', '/api/v1/credentials', { name: 'signing', type: 'webhook-secret', secret });
  await world.ask('POST', '/api/v1/subscriptions', subscription());
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await world?.close();
  receiver?.close();
});

const subscription = () => ({
  name: 'chat',
  events: ['backend.changed'],
  url: receiver.url,
  credential: 'signing',
});

describe('the deliveries of a subscription', () => {
  it('show why one was given up, and are sent again when the receiver is back', async () => {
    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/subscriptions/chat');
    await page.getByText('Nothing was sent yet').waitFor();

    receiver.answerWith(410);
    await world.ask('POST', '/api/v1/backends', { name: 'pool', kind: 'local' });
    const row = page.getByRole('row', { name: /backend\.changed/ });
    await waitFor(
      async () => {
        await page.getByRole('button', { name: 'Look again' }).click();
        return (await row.getByText('failed', { exact: true }).count()) === 1;
      },
      { what: 'the delivery that was given up' },
    );
    await row.getByText('the receiver answered 410 Gone').waitFor();

    // The receiver that wanted no more is back, and the subscription that was paused for it goes on.
    receiver.answerWith(204);
    await world.ask('PUT', '/api/v1/subscriptions/chat', subscription(), { 'if-match': '*' });
    await row.getByRole('button', { name: /^Replay backend\.changed/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send it again' }).click();
    await row.getByText('delivered', { exact: true }).waitFor();
    expect(receiver.ids).toHaveLength(2);
    expect(new Set(receiver.ids).size).toBe(1);
    await page.getByLabel('State').selectOption('failed');
    await page.getByText('No delivery is failed').waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });

  it('are tried out: the page shows what the receiver says to a test', async () => {
    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/subscriptions/chat');
    const send = async (status: number, words: string): Promise<void> => {
      receiver.answerWith(status);
      await page.getByRole('button', { name: 'Send a test' }).click();
      await page.getByRole('dialog').getByText(words, { exact: true }).waitFor();
    };
    await send(204, 'The receiver took it');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await send(500, 'The receiver did not take it');
    await page.getByRole('dialog').getByText('the receiver answered 500').waitFor();
    await page.getByRole('dialog').getByText('not today').waitFor();
    await picture(page, 'delivery-test');
    expect(await barriers(page)).toEqual([]);
    expect(complaints()).toEqual([]);
    await close();
  });

  it.each(looks)('have no barriers, and stick out nowhere ($name)', async ({ name, ...look }) => {
    const { page, close } = await openWindow(browser, world.url, look);
    await signIn(page, world.adminKey);
    await page.goto('/subscriptions/chat');
    await page.getByRole('row', { name: /backend\.changed/ }).waitFor();
    await picture(page, `deliveries-${name}`);
    expect(await barriers(page)).toEqual([]);
    expect(await overhang(page)).toBe(0);
    await close();
  });
});
