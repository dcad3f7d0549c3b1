import type { Browser, Locator, Page } from 'playwright-core';
import { resources } from '#contracts';
import { openBrowser, openWindow, picture } from './browser.js';
import { type ConsoleWorld, consoleWorld, signIn } from './console-world.js';
import { seed } from './seed.js';

let browser: Browser;
let world: ConsoleWorld;

beforeAll(async () => {
  world = await consoleWorld(import.meta.url);
  await seed(world);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await world?.close();
});

interface Stored {
  readonly version: number;
  readonly at: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

const read = async (path: string): Promise<Stored> => (await world.ask('GET', `/api/v1/${path}`)) as Stored;

const hasFocus = async (page: Page, locator: Locator): Promise<boolean> =>
  (await locator.and(page.locator(':focus')).count()) > 0;

/** Goes on with the Tab key until it has the focus: what is never reached so cannot be reached by keyboard. */
async function tabTo(page: Page, locator: Locator): Promise<void> {
  await locator.waitFor();
  for (let presses = 0; presses < 80; presses += 1) {
    if (await hasFocus(page, locator)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not lead to ${String(locator)}`);
}

describe('the keyboard alone', () => {
  it('makes a project and an image rule in it', async () => {
    const { page, complaints, close } = await openWindow(browser, world.url);
    const { keyboard } = page;
    await page.goto('/');
    await tabTo(page, page.getByLabel('API key', { exact: true }));
    await keyboard.type(world.adminKey);
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Projects' }).waitFor();

    await page.getByRole('link', { name: 'Skip to the content' }).focus();
    await keyboard.press('Enter');
    await tabTo(page, page.getByRole('button', { name: 'New project' }));
    await keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'New project' });
    await dialog.waitFor();
    // What is missing is said at its field, and the first such field has the focus.
    await tabTo(page, dialog.getByRole('button', { name: 'Make it' }));
    await keyboard.press('Enter');
    const name = dialog.getByRole('textbox', { name: 'Name' });
    await dialog.getByText('is missing').first().waitFor();
    expect(await dialog.getByText('is missing').count()).toBe(2);
    await page.waitForFunction('document.activeElement.dataset.path === "name"');
    await keyboard.type('walk');
    await tabTo(page, dialog.getByRole('textbox', { name: 'URL' }));
    await keyboard.type('https://gitlab.example.org/walk/on');
    await tabTo(page, dialog.getByRole('textbox', { name: 'Path' }));
    await keyboard.type('walk/on');
    await keyboard.press('Enter');
    await name.waitFor({ state: 'detached' });

    // The page of the new project, with the focus on its heading, for those who hear the page.
    const heading = page.getByRole('heading', { level: 1, name: 'walk' });
    await heading.waitFor();
    await page.waitForFunction('document.activeElement.tagName === "H1"');
    expect(await page.title()).toBe('walk · Slipway');
    await tabTo(page, page.getByRole('tab', { name: 'Settings' }));
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowRight');
    await keyboard.press('Enter');
    await tabTo(page, page.getByRole('button', { name: 'New image rule' }));
    await keyboard.press('Enter');
    const rule = page.getByRole('dialog', { name: 'New image rule' });
    const fill = async (field: string, text: string): Promise<void> => {
      await tabTo(page, rule.getByRole('textbox', { name: field, exact: true }));
      await keyboard.type(text);
    };
    await fill('Name', 'walk-images');
    await fill('Registry', 'registry.example.org');
    await fill('Repository', 'walk/**');
    await tabTo(page, rule.getByRole('combobox', { name: 'CVMFS repository' }));
    await keyboard.type('unpacked.example.org');
    await tabTo(page, rule.getByRole('button', { name: 'Make it' }));
    await keyboard.press('Enter');
    await page.getByRole('link', { name: 'walk-images' }).waitFor();

    expect((await read('image-rules/walk-images')).spec).toEqual({
      name: 'walk-images',
      registry: 'registry.example.org',
      repository: 'walk/**',
      cvmfsRepository: 'unpacked.example.org',
      project: 'walk',
    });
    expect(complaints()).toEqual([]);
    await close();
  });
});

describe('two who change the same project', () => {
  it('are shown what differs; the second one chooses field by field, and nothing is lost unasked', async () => {
    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/projects/atlas');
    await page.getByRole('button', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change project atlas' });
    await dialog.getByLabel('Description', { exact: true }).fill('Mine.');
    await dialog.getByLabel('Path', { exact: false }).fill('atlas/moved');

    const { spec } = await read('projects/atlas');
    const theirs = { ...spec, description: 'Theirs.', url: 'https://gitlab.example.org/atlas/elsewhere' };
    await world.ask('PUT', '/api/v1/projects/atlas', theirs, { 'if-match': '"1"' });
    await dialog.getByRole('button', { name: 'Save' }).click();

    await dialog.getByText('Somebody else changed it meanwhile').waitFor();
    await picture(page, 'conflict');
    await dialog.getByRole('radiogroup', { name: 'Description' }).getByLabel('Theirs: Theirs.').check();
    await dialog.getByRole('button', { name: 'Continue with these' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });

    const { spec: saved, version } = await read('projects/atlas');
    expect(version).toBe(3);
    expect(saved).toEqual({ ...theirs, path: 'atlas/moved' });
    await page.getByText('atlas/moved').first().waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });

  it('see later what it was at any time', async () => {
    const { page, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await world.ask('POST', '/api/v1/backends', { name: 'old', kind: 'local', jobs: 3 });
    const before = new Date().toISOString();
    await world.ask(
      'PUT',
      '/api/v1/backends/old',
      { name: 'old', kind: 'local', jobs: 7 },
      { 'if-match': '"1"' },
    );
    await page.goto(`/backends/old?at=${encodeURIComponent(before)}`);
    await page.getByText('You are looking back').waitFor();
    await page.locator('dd', { hasText: /^3$/ }).waitFor();
    expect(await page.getByRole('button', { name: 'Change' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.locator('dd', { hasText: /^7$/ }).waitFor();
    await close();
  });
});

describe('removing', () => {
  it('asks first, says in words why it cannot be, and does it when it can', async () => {
    const { page, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/cvmfs-repositories/unpacked.example.org');
    await page.getByRole('button', { name: 'Remove unpacked.example.org' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    await dialog.getByRole('alert').getByText('atlas-images').first().waitFor();
    await picture(page, 'remove-refused');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.goto('/subscriptions/chat');
    await page.getByRole('button', { name: 'Remove chat' }).click();
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    await page.getByRole('heading', { level: 1, name: 'Subscriptions' }).waitFor();
    await page.getByText('There is no subscription yet').waitFor();
    await picture(page, 'empty');
    await close();
  });
});

describe('an API key', () => {
  it('is shown once, and counts', async () => {
    const { page, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/api-keys');
    await page.getByRole('button', { name: 'New API key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('nightly');
    await dialog.getByRole('button', { name: 'Make it' }).click();
    await page.getByText('The key nightly: copy it now').waitFor();
    const key = (await page.locator('pre').first().textContent()) ?? '';
    await picture(page, 'api-key-once');
    const answer = await fetch(`${world.url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } });
    expect(await answer.json()).toMatchObject({ name: 'nightly', role: 'reader' });
    await page.getByRole('button', { name: 'I have it' }).click();
    expect(await page.content()).not.toContain(key);
    await close();
  });
});

describe('a credential', () => {
  it('takes a secret, rotates it with overlap, and never shows either again', async () => {
    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    for (const { plural } of resources)
      expect([plural, await page.locator(`nav a[href="/${plural}"]`).count()]).toEqual([plural, 1]);
    await page.goto('/credentials');
    await page.getByRole('button', { name: 'New credential' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('package-index');
    await dialog.getByLabel('Type').selectOption('pypi-token');
    await dialog.getByRole('textbox', { name: 'Secret' }).fill('pypi-first-secret-1111');
    await dialog.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('heading', { level: 1, name: 'package-index' }).waitFor();
    await page.getByText('…1111').waitFor();
    await page.getByRole('button', { name: 'Rotate' }).click();
    await dialog.getByRole('textbox', { name: 'New secret' }).fill('pypi-second-secret-2222');
    await dialog.getByRole('textbox', { name: 'Overlap' }).fill('2h');
    await dialog.getByRole('button', { name: 'Rotate' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('…2222').waitFor();
    await page.getByText('…1111').waitFor();
    await picture(page, 'credential-rotated');
    const secrets = async (): Promise<readonly string[]> => {
      const { secrets: of } = (await world.ask('GET', '/api/v1/credentials/package-index')) as {
        readonly secrets: readonly { readonly lastFour: string }[];
      };
      return of.map(({ lastFour }) => lastFour);
    };
    expect(await secrets()).toEqual(['2222', '1111']);
    await page.getByRole('button', { name: 'End the secret …1111' }).click();
    await dialog.getByRole('button', { name: 'End it' }).click();
    await page.getByText('…1111').first().waitFor({ state: 'detached' });
    expect(await secrets()).toEqual(['2222']);
    expect(await page.content()).not.toMatch(/pypi-(?:first|second)-secret/);
    expect(complaints()).toEqual([]);
    await close();
  });
});
