import type { Browser } from 'playwright-core';
import { imagePublishing } from '#contracts';
import { openBrowser, openWindow, picture } from './browser.js';
import { type ConsoleWorld, consoleWorld, signIn } from './console-world.js';
import { makeDeadLetter } from './dead-letter.js';
import { image, publications } from './publications.js';

let browser: Browser;
let world: ConsoleWorld;

beforeAll(async () => {
  world = await consoleWorld(import.meta.url);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await world?.close();
});

describe('the publications, watched', () => {
  it('move as the publisher goes on, and the outcome is said to those who do not see it', async () => {
    const { say, close: endSaying } = await publications(world);
    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/publications');
    await page.getByText('Nothing is published yet').waitFor();
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();

    await say.publishing('library/debian', '13', { bytesDone: 5_000_000, filesDone: 250 });
    await page.getByRole('link', { name: 'docker.io/library/debian:13' }).waitFor();
    await page.getByText('250 files').waitFor();
    await say.publishing('library/debian', '13', { bytesDone: 31_000_000, filesDone: 4_711 });
    await page.getByText('4,711 files').waitFor();
    await page.getByText('31.0 MB').waitFor();
    expect(await page.getByRole('progressbar').count()).toBe(1);
    await picture(page, 'live');

    await say.published('library/debian', '13');
    await page.getByText('9,412 files').waitFor();
    await page
      .getByRole('status')
      .getByText('library/debian:13 is published.')
      .waitFor({ state: 'attached' });
    expect(await page.getByRole('progressbar').count()).toBe(0);
    expect(complaints()).toEqual([]);
    await endSaying();
    await close();
  });

  it('go on when the connection broke, with what happened meanwhile', async () => {
    const { bus, say, close: endSaying } = await publications(world);
    const { page, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/publications?q=atlas');
    const live = page.getByRole('status').getByText('Live', { exact: true });
    await live.waitFor();
    await say.publishing('atlas/analysis', 'v2', { bytesDone: 5_000_000, filesDone: 250 });
    await page.getByText('250 files').waitFor();

    await world.restart(async () => {
      await page.getByRole('status').getByText('Not live', { exact: true }).waitFor();
      const meanwhile = { step: 'unpack' as const, attempt: 1, bytesDone: 31_000_000, filesDone: 4_711 };
      await bus.publish(imagePublishing, { ...image('atlas/analysis', 'v2'), ...meanwhile });
    });
    await live.waitFor();
    await page.getByText('4,711 files').waitFor();
    await say.published('atlas/analysis', 'v2');
    await page.getByText('9,412 files').waitFor();
    await endSaying();
    await close();
  });

  it('and all other events, are shown as they come', async () => {
    const { page, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/events');
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    await page.getByText('Listening').waitFor();
    await world.ask('POST', '/api/v1/backends', { name: 'heard', kind: 'local' });
    await page.getByText('backend.changed').waitFor();
    await page.getByText('What it says').first().click();
    await picture(page, 'events-heard');
    await close();
  });
});

describe('a dead letter', () => {
  it('is shown with the reason, and is gone when it is dropped', async () => {
    await makeDeadLetter(world);
    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/dead-letters?queue=registry.publications');
    await page.getByRole('link', { name: 'image.queued.v1' }).click();
    await page.getByText('"repository": 7').waitFor();
    await page.getByRole('button', { name: /^Drop/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drop it' }).click();
    await page.getByRole('heading', { level: 1, name: 'Dead letters' }).waitFor();
    // Each queue that heard it gave it up for itself; it was dropped of this one.
    await page.goto('/dead-letters?queue=registry.publications');
    await page.getByText('There are none').waitFor();
    await page.goto('/audit');
    await page.getByText('dropped').waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });
});
