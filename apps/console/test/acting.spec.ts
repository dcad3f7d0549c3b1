import { type Channel, type ChannelModel, connect } from 'amqplib';
import type { Browser, Page } from 'playwright-core';
import { waitFor } from '#lab';
import { nextCommand } from '../../../test/scenarios/next-command.js';
import { openBrowser, openWindow, picture, type Window } from './browser.js';
import { type ConsoleWorld, consoleWorld, signIn } from './console-world.js';
import { makeDeadLetter } from './dead-letter.js';
import { publications } from './publications.js';
import { seed } from './seed.js';

let browser: Browser;
let world: ConsoleWorld;
let broker: ChannelModel;
let channel: Channel;
let publisher: Awaited<ReturnType<typeof publications>>;
let window: Window;
let page: Page;

// What the publisher says is said by the test; what it is told is read from its queue.
beforeAll(async () => {
  world = await consoleWorld(import.meta.url);
  await seed(world);
  publisher = await publications(world);
  broker = await connect(world.amqpUrl);
  channel = await broker.createChannel();
  browser = await openBrowser();
});

beforeEach(async () => {
  window = await openWindow(browser, world.url);
  ({ page } = window);
  await signIn(page, world.adminKey);
});

afterEach(async () => {
  expect(window.complaints()).toEqual([]);
  await window.close();
});

afterAll(async () => {
  await browser?.close();
  await publisher?.close();
  await broker?.close();
  await world?.close();
});

/** The next command that the publisher is told. */
const commanded = (): Promise<object> => nextCommand(channel, 'cvmfs-publisher.images');

const dialog = () => page.getByRole('dialog');

describe('publishing by the page', () => {
  it('asks the publisher for an image that was typed in, and says why not where no rule wants it', async () => {
    await page.goto('/publications');
    await page.getByRole('button', { name: 'Publish now' }).click();
    await dialog().getByRole('textbox', { name: 'Registry' }).fill('docker.io');
    await dialog().getByRole('textbox', { name: 'Repository', exact: true }).fill('library/alpine');
    await dialog().getByRole('textbox', { name: 'Tag' }).fill('13');
    await dialog().getByRole('button', { name: 'Publish' }).click();
    await dialog().getByRole('alert').getByText('no image rule says where').first().waitFor();
    await picture(page, 'publish-refused');
    await dialog().getByRole('textbox', { name: 'Repository', exact: true }).fill('library/debian');
    await dialog().getByRole('button', { name: 'Publish' }).click();
    await page.getByText('It is on its way to unpacked.example.org.').waitFor();
    expect(await commanded()).toMatchObject({
      key: 'image.publish.v1',
      registry: 'docker.io',
      repository: 'library/debian',
      tag: '13',
      cvmfsRepository: 'unpacked.example.org',
    });
  });

  it('publishes one again, and takes it away at once after a question; the page follows', async () => {
    await publisher.say.published('library/debian', '12');
    await page.goto('/publications');
    await page.getByRole('link', { name: 'docker.io/library/debian:12' }).click();
    await page.getByRole('heading', { level: 1, name: 'docker.io/library/debian:12' }).waitFor();
    await page.getByRole('button', { name: 'Publish now' }).click();
    await dialog().getByRole('button', { name: 'Publish it' }).click();
    await page.getByText('docker.io/library/debian:12 is on its way.').waitFor();
    expect(await commanded()).toMatchObject({ key: 'image.publish.v1', tag: '12' });

    await page.getByRole('button', { name: 'Unpublish' }).click();
    // Who thinks better of it has done nothing.
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Unpublish' }).click();
    await dialog().getByLabel('At once: jobs that run from it lose their files').check();
    await picture(page, 'unpublish');
    await dialog().getByRole('button', { name: 'Unpublish it' }).click();
    await page.getByText('docker.io/library/debian:12 is being taken off CVMFS.').waitFor();
    expect(await commanded()).toMatchObject({
      key: 'image.unpublish.v1',
      repository: 'library/debian',
      now: true,
    });
    await publisher.say.unpublished('library/debian', '12');
    await page.locator('dd').getByText('unpublished', { exact: true }).waitFor();
  });
});

describe('a dead letter in the list', () => {
  const queue = 'registry.publications';
  const row = () => page.getByRole('row', { name: new RegExp(queue) });

  interface Letter {
    readonly id: string;
    readonly at: string;
  }
  const letters = async (): Promise<readonly Letter[]> =>
    ((await world.ask('GET', `/api/v1/dead-letters?queue=${queue}`)) as { readonly items: readonly Letter[] })
      .items;

  it('is replayed, comes back where what made it fail is still so, and is dropped after a question', async () => {
    await makeDeadLetter(world);
    await waitFor(async () => (await letters()).length === 1, { what: 'the letter of this queue' });
    const [before] = await letters();
    await page.goto(`/dead-letters?queue=${queue}`);
    await row()
      .getByRole('button', { name: `Replay ${before?.id}` })
      .click();
    await dialog().getByRole('button', { name: 'Replay it' }).click();
    await page.getByText('It is on its way again.').waitFor();
    await waitFor(async () => (await letters()).some(({ at }) => at !== before?.at), {
      what: 'the letter that came back',
    });

    await page.getByRole('button', { name: 'Look again' }).click();
    await row()
      .getByRole('button', { name: `Drop ${before?.id}` })
      .click();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    expect(await letters()).toHaveLength(1);
    await row()
      .getByRole('button', { name: `Drop ${before?.id}` })
      .click();
    await dialog().getByRole('button', { name: 'Drop it' }).click();
    await page.getByText('There are none').waitFor();
    expect(await letters()).toEqual([]);
    const { items } = (await world.ask('GET', '/api/v1/audit?limit=2')) as {
      readonly items: readonly { readonly action: string; readonly by: string }[];
    };
    expect(items.map(({ action, by }) => `${action} by ${by}`)).toEqual([
      'dropped by Ada',
      'replayed by Ada',
    ]);
  });
});
