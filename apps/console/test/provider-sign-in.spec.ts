import type { Browser, Page } from 'playwright-core';
import { freePort } from '#embedded';
import { type OpenidStandIn, startOpenidProvider } from '../../../test/stand-ins/openid-provider/start.js';
import { openBrowser, openWindow, picture } from './browser.js';
import { type ConsoleWorld, consoleWorld } from './console-world.js';

let browser: Browser;
let world: ConsoleWorld;
let provider: OpenidStandIn;

// Real: the provider (oidc-provider, as a process), the registry, RabbitMQ, PostgreSQL, the page in Chromium.
beforeAll(async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  provider = await startOpenidProvider({ redirectUris: [`${url}/auth/callback`] });
  world = await consoleWorld(import.meta.url, {
    SLIPWAY_HTTP_PORT: String(port),
    SLIPWAY_PUBLIC_URL: url,
    SLIPWAY_OIDC_ISSUER: provider.issuer,
    SLIPWAY_OIDC_TITLE: 'the lab',
    SLIPWAY_OIDC_CLIENT_ID: provider.clientId,
    SLIPWAY_OIDC_CLIENT_SECRET: provider.clientSecret,
    SLIPWAY_OIDC_SCOPES: 'openid profile groups',
    SLIPWAY_OIDC_ADMINS: 'group:slipway/admins',
    SLIPWAY_OIDC_MEMBERS: 'group:atlas/owners',
  });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await world?.close();
  await provider?.stop();
});

const open = () => openWindow(browser, world.url, { provider: provider.issuer });
const heading = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

/** From the page to the provider, where one is asked who one is. */
async function signInAs(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: 'Sign in with the lab' }).click();
  await heading(page, 'Who are you?');
  expect(page.url()).toContain(provider.issuer);
  await page.getByRole('button', { name }).click();
}

describe('signing in at a provider', () => {
  it('leads back to where one was going, as who one is; signing out ends it', async () => {
    const { page, context, complaints, close } = await open();
    await page.goto('/credentials?q=a');
    await heading(page, 'Sign in');
    await signInAs(page, 'ada');
    await heading(page, 'Credentials');
    expect(page.url()).toBe(`${world.url}/credentials?q=a`);
    // An admin is shown what is for admins; the session outlives the page.
    await page.getByRole('link', { name: 'Dead letters' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Signed in as ada' }).click();
    await picture(page, 'signed-in-at-provider');
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading(page, 'Sign in');
    // The provider, at the same host, keeps cookies of its own.
    const ours = (await context.cookies()).filter(({ name }) => name.startsWith('slipway'));
    expect(ours).toEqual([]);
    await page.goto('/credentials');
    await heading(page, 'Sign in');
    expect(complaints()).toEqual([]);
    await close();
  });

  it('shows a member what members may do', async () => {
    const { page, close } = await open();
    await page.goto('/sign-in?to=/backends');
    await signInAs(page, 'otto');
    await heading(page, 'Grid backends');
    await page.getByText('There is no grid backend yet').waitFor();
    expect(await page.getByRole('button', { name: 'New grid backend' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Dead letters' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Projects' }).click();
    await page.getByRole('button', { name: 'New project' }).waitFor();
    await close();
  });

  it('tells whom the settings leave out that they may not come in', async () => {
    const { page, close } = await open();
    await page.goto('/projects');
    await signInAs(page, 'rita');
    await page.getByRole('alert').getByText('rita may not come in here').waitFor();
    await heading(page, 'Sign in');
    await close();
  });

  it('never leads anywhere but to our own page', async () => {
    const { page, close } = await open();
    await page.goto(`/sign-in?to=${encodeURIComponent('https://evil.example/')}`);
    await signInAs(page, 'ada');
    await heading(page, 'Projects');
    expect(page.url()).toBe(`${world.url}/projects`);
    await close();
  });
});
