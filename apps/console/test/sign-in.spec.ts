import type { Browser } from 'playwright-core';
import { waitFor } from '#lab';
import { barriers, looks, openBrowser, openWindow, overhang, picture } from './browser.js';
import { type ConsoleWorld, consoleWorld, signIn } from './console-world.js';

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

interface Sessions {
  readonly items: readonly object[];
}

describe('the page, to somebody who is not signed in', () => {
  it.each(looks)('shows how to sign in, without barriers ($name)', async ({ name, ...look }) => {
    const { page, complaints, close } = await openWindow(browser, world.url, look);
    // Not real: that a provider is configured.
    await page.route('**/api/v1/sign-in', (route) =>
      route.fulfill({ json: { oidc: { title: 'GitLab', url: '/auth/login' }, key: { url: '/auth/key' } } }),
    );
    await page.goto('/projects?q=a');
    await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Sign in with GitLab' }).waitFor();
    expect(page.url()).toBe(`${world.url}/sign-in?to=%2Fprojects%3Fq%3Da`);
    expect(await page.title()).toBe('Sign in · Slipway');
    await picture(page, `sign-in-${name}`);
    expect(await barriers(page)).toEqual([]);
    expect(await overhang(page)).toBe(0);
    expect(complaints()).toEqual([]);
    await close();
  });
});

describe('a session', () => {
  it('is found from one’s own name, and ended from another browser', async () => {
    const [left, own] = [await openWindow(browser, world.url), await openWindow(browser, world.url)];
    await signIn(left.page, world.adminKey);
    const { items: before } = (await world.ask('GET', '/api/v1/sessions')) as Sessions;
    await signIn(own.page, world.adminKey);
    await own.page.getByRole('button', { name: /^Signed in as/ }).click();
    await own.page.getByRole('menuitem', { name: 'Sessions' }).click();
    await own.page.getByRole('heading', { level: 1, name: 'Sessions' }).waitFor();
    const mine = own.page.getByRole('row').filter({ hasText: 'this browser' });
    await mine.waitFor();
    const rows = own.page.getByRole('row');
    const many = await rows.count();
    await rows
      .filter({ hasNotText: 'this browser' })
      .getByRole('button', { name: /^End the session/ })
      .first()
      .click();
    await own.page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
    await waitFor(async () => (await rows.count()) === many - 1, { what: 'one session less' });
    const { items: after } = (await world.ask('GET', '/api/v1/sessions')) as Sessions;
    expect(after).toHaveLength(before.length);
    expect(await mine.count()).toBe(1);
    await Promise.all([left.close(), own.close()]);
  });
});

describe('a session that ended', () => {
  it('leads back to the sign-in, and from there to where one was', async () => {
    const { page, context, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await context.clearCookies();
    await page.getByRole('link', { name: 'Webhook sources' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await page.getByLabel('API key', { exact: true }).fill(world.adminKey);
    await page.getByRole('button', { name: 'Sign in with the key' }).click();
    await page.getByRole('heading', { level: 1, name: 'Webhook sources' }).waitFor();
    await close();
  });
});
