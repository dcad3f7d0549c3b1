import type { Browser } from 'playwright-core';
import { barriers, looks, openBrowser, openWindow, overhang, picture } from './browser.js';
import { type ConsoleWorld, consoleWorld } from './console-world.js';

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
