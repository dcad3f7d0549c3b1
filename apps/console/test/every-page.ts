import type { Browser, Page } from 'playwright-core';
import { barriers, type NamedLook, openBrowser, openWindow, overhang, picture } from './browser.js';
import { type ConsoleWorld, consoleWorld, signIn } from './console-world.js';
import { makeDeadLetter } from './dead-letter.js';
import { publications } from './publications.js';
import { seed } from './seed.js';

interface Place {
  readonly name: string;
  readonly path: string;
  readonly heading: string;
  /** What has to be there before it is looked at. */
  readonly until?: (page: Page) => Promise<void>;
}

const row = (text: string) => (page: Page) => page.getByText(text).first().waitFor();
const press =
  (button: string, then: string, field = 'Name') =>
  async (page: Page) => {
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('dialog', { name: then }).waitFor();
    await page.getByRole('dialog').getByLabel(field).first().waitFor();
  };

/** Within the page, as a link does: to read it all anew each time would take most of the test. */
const goTo = (page: Page, path: string): Promise<unknown> =>
  page.evaluate(
    `history.pushState({}, '', ${JSON.stringify(path)}), dispatchEvent(new PopStateEvent('popstate'))`,
  );

const places: readonly Place[] = [
  { name: 'projects', path: '/projects', heading: 'Projects', until: row('atlas') },
  { name: 'project', path: '/projects/atlas', heading: 'atlas', until: row('gitlab.example.org') },
  {
    name: 'project-credentials',
    path: '/projects/atlas/credentials',
    heading: 'atlas',
    until: row('atlas-runner'),
  },
  { name: 'project-rules', path: '/projects/atlas/image-rules', heading: 'atlas', until: row('atlas/**') },
  {
    name: 'project-publications',
    path: '/projects/atlas/publications',
    heading: 'atlas',
    until: row('registry.example.org/atlas/analysis:nightly'),
  },
  { name: 'project-history', path: '/projects/atlas/history', heading: 'atlas', until: row('Version 1') },
  { name: 'project-new', path: '/projects', heading: 'Projects', until: press('New project', 'New project') },
  { name: 'image-rules', path: '/image-rules', heading: 'Image rules', until: row('atlas-images') },
  { name: 'image-rule', path: '/image-rules/debian', heading: 'debian', until: row('Version 1') },
  { name: 'credentials', path: '/credentials', heading: 'Credentials', until: row('…3f9c') },
  {
    name: 'credential',
    path: '/credentials/atlas-runner',
    heading: 'atlas-runner',
    until: row('atlas-runner'),
  },
  {
    name: 'credential-new',
    path: '/credentials',
    heading: 'Credentials',
    until: press('New credential', 'New credential'),
  },
  { name: 'sources', path: '/sources', heading: 'Webhook sources', until: row('docker-hub') },
  {
    name: 'source-new',
    path: '/sources',
    heading: 'Webhook sources',
    until: press('New webhook source', 'New webhook source'),
  },
  {
    name: 'cvmfs-repositories',
    path: '/cvmfs-repositories',
    heading: 'CVMFS repositories',
    until: row('unpacked'),
  },
  {
    name: 'container-registries',
    path: '/container-registries',
    heading: 'Container registries',
    until: row('docker.io'),
  },
  { name: 'backends', path: '/backends', heading: 'Grid backends', until: row('schedd01') },
  { name: 'identity-mappings', path: '/identity-mappings', heading: 'Identity mappings', until: row('ada') },
  { name: 'subscriptions', path: '/subscriptions', heading: 'Subscriptions', until: row('chat') },
  { name: 'api-keys', path: '/api-keys', heading: 'API keys', until: row('Ada') },
  { name: 'sessions', path: '/sessions', heading: 'Sessions', until: row('this browser') },
  { name: 'audit', path: '/audit', heading: 'Audit trail', until: row('created') },
  { name: 'publications', path: '/publications', heading: 'Publications', until: row('1,204 files') },
  {
    name: 'publication',
    path: '/publications?q=debian',
    heading: 'Publications',
    until: async (page) => {
      await page.getByRole('link', { name: 'docker.io/library/debian:13' }).click();
      await page.getByRole('heading', { name: 'Steps of attempt 1' }).waitFor();
    },
  },
  {
    name: 'publish-now',
    path: '/publications',
    heading: 'Publications',
    until: press('Publish now', 'Publish an image now', 'Registry'),
  },
  { name: 'events', path: '/events', heading: 'Events', until: row('Listening') },
  { name: 'dead-letters', path: '/dead-letters', heading: 'Dead letters', until: row('invalid') },
  {
    name: 'dead-letter',
    path: '/dead-letters?queue=registry.publications',
    heading: 'Dead letters',
    until: async (page) => {
      // For a moment the list of all queues is still there, where another queue has the same message.
      await page.locator('a[href^="/dead-letters/registry.publications/"]').click();
      await page.getByRole('heading', { name: 'What it says' }).waitFor();
    },
  },
  { name: 'diagnosis', path: '/diagnosis', heading: 'Diagnosis', until: row('database') },
  { name: 'nothing', path: '/nothing/at/all', heading: 'There is nothing here' },
];

/**
 * Every page in each of these looks: no barrier, nothing that sticks out, no broken rule of the content security policy.
 * @param testPath `import.meta.url` of the test file
 */
export function lookAtEveryPage(testPath: string, looks: readonly NamedLook[]): void {
  let browser: Browser;
  let world: ConsoleWorld;

  beforeAll(async () => {
    world = await consoleWorld(testPath);
    await seed(world);
    const { say, close } = await publications(world);
    await say.published('library/debian', '12');
    await say.publishing('library/debian', '13', { bytesDone: 21_000_000, filesDone: 1_204 });
    await say.failed('atlas/analysis', 'nightly');
    await close();
    await makeDeadLetter(world);
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it.each(looks)(
    'has no serious barrier, sticks out nowhere, and breaks no rule of the policy ($name)',
    async ({ name: look, ...how }) => {
      const { page, complaints, close } = await openWindow(browser, world.url, how);
      await signIn(page, world.adminKey);
      const found: string[] = [];
      for (const { name, path, heading, until } of places) {
        await goTo(page, path);
        await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
        await until?.(page);
        await picture(page, `${name}-${look}`);
        found.push(...(await barriers(page)).map((barrier) => `${name}: ${barrier}`));
        const over = await overhang(page);
        if (over > 0) found.push(`${name}: ${over} px too wide`);
      }
      expect(found).toEqual([]);
      expect(complaints()).toEqual([]);
      await close();
    },
  );
}
