import type { Browser, Locator, Page } from 'playwright-core';
import { parse } from 'yaml';
import { barriers, openBrowser, openWindow, picture, type Window } from './browser.js';
import { type ConsoleWorld, consoleWorld, signIn } from './console-world.js';

let browser: Browser;
let world: ConsoleWorld;
let window: Window;
let page: Page;

beforeAll(async () => {
  world = await consoleWorld(import.meta.url);
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
  await world?.close();
});

const dialog = (): Locator => page.getByRole('dialog');
const field = (name: string): Locator => dialog().getByRole('textbox', { name, exact: true });
const press = (name: string): Promise<void> => dialog().getByRole('button', { name }).click();

async function choose(kind: string): Promise<void> {
  await dialog().getByLabel('Kind').selectOption(kind);
}

async function beginNew(): Promise<void> {
  await page.goto('/backends');
  await page.getByRole('button', { name: 'New grid backend' }).click();
  await field('Name').waitFor();
}

async function specOf(name: string): Promise<unknown> {
  return ((await world.ask('GET', `/api/v1/backends/${name}`)) as { readonly spec: unknown }).spec;
}

describe('the form of a backend', () => {
  it('has the fields that all kinds have until one is chosen, then those of that kind too', async () => {
    await beginNew();
    const controls = await dialog().locator('[data-path]').all();
    const paths = await Promise.all(controls.map((control) => control.getAttribute('data-path')));
    expect(paths).toEqual(['name', 'kind', 'transfer', 'jobs', 'allowedSubmitCommands']);
    await field('Name').fill('cluster');
    await choose('slurm');
    await field('Partition').fill('long');
    await choose('htcondor');
    await field('Partition').waitFor({ state: 'detached' });
    await field('Schedd').fill('schedd.example.org');
    // What was typed is there again with its kind.
    await choose('slurm');
    await field('Schedd').waitFor({ state: 'detached' });
    expect(await field('Partition').inputValue()).toBe('long');
    await press('Make it');
    await page.getByRole('heading', { level: 1, name: 'cluster' }).waitFor();
    expect(await specOf('cluster')).toEqual({ name: 'cluster', kind: 'slurm', partition: 'long' });
  });

  it('takes the options of a plugin as YAML, says by line where they cannot be read, and keeps what was typed', async () => {
    const broken = 'queue: long\nnodes: 4\nqueue: short\n';
    await beginNew();
    await field('Name').fill('pbs');
    await choose('plugin');
    await field('Plugin').fill('pbs');
    await field('Options').fill(broken);
    // Told when it is left, and again, with the focus, when it is handed in.
    await field('Name').focus();
    await dialog().getByText('line 3: Map keys must be unique').waitFor();
    await press('Make it');
    await page.waitForFunction('document.activeElement.dataset.path === "options"');
    await picture(page, 'plugin-options');
    expect(await barriers(page)).toEqual([]);
    await choose('local');
    await field('Options').waitFor({ state: 'detached' });
    await choose('plugin');
    expect(await field('Options').inputValue()).toBe(broken);

    await field('Options').fill('queue: [long]');
    await press('Make it');
    await dialog().getByText('queue: expected text, a number, true or false').waitFor();
    await field('Options').fill('nodes: 4\nqueue: long');
    await dialog().getByText('queue: expected').waitFor({ state: 'detached' });
    await press('Make it');
    await page.getByRole('heading', { level: 1, name: 'pbs' }).waitFor();
    await page.getByText('nodes: 4, queue: long').waitFor();
    const options = { nodes: 4, queue: 'long' };
    expect(await specOf('pbs')).toEqual({ name: 'pbs', kind: 'plugin', plugin: 'pbs', options });
  });

  it('brings together what two changed of the options, name by name', async () => {
    const made = { name: 'shared', kind: 'plugin', plugin: 'pbs', options: { queue: 'long', nodes: 4 } };
    await world.ask('POST', '/api/v1/backends', made);
    await page.goto('/backends/shared');
    await page.getByRole('button', { name: 'Change' }).click();
    await field('Options').waitFor();
    expect(await field('Options').inputValue()).toBe('nodes: 4\nqueue: long\n');
    await field('Options').fill('queue: short\nnodes: 4\nsite: a');
    const theirs = { ...made, options: { queue: 'night', nodes: 8 } };
    await world.ask('PUT', '/api/v1/backends/shared', theirs, { 'if-match': '"1"' });
    await press('Save');
    const options = (name: string): Locator =>
      dialog().getByRole('radiogroup', { name: `Options › ${name}` });
    await options('Queue').getByLabel('Theirs: night').check();
    expect(await options('Nodes').getByLabel('Theirs: 8').isChecked()).toBe(true);
    await press('Continue with these');
    const merged = { queue: 'night', nodes: 8, site: 'a' };
    expect(parse(await field('Options').inputValue())).toEqual(merged);
    await press('Save');
    await dialog().waitFor({ state: 'detached' });
    expect(await specOf('shared')).toEqual({ ...made, options: merged });
  });
});
