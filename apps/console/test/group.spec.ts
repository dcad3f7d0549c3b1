import type { Browser } from 'playwright-core';
import type { JobGroupWithAll } from '#api';
import { waitFor } from '#lab';
import { openBrowser, openWindow, picture } from './browser.js';
import { signIn } from './console-world.js';
import { fail, itemsOf, type JobsWorld, jobsWorld, succeed } from './jobs-world.js';

// Real: Chromium, the registry, the monitor, RabbitMQ, PostgreSQL. The batch system is a simulated one.

let browser: Browser;
let world: JobsWorld;

beforeAll(async () => {
  world = await jobsWorld(import.meta.url);
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await world?.close();
});

const groupOf = async (id: string): Promise<JobGroupWithAll> =>
  (await world.ask('GET', `/api/v1/groups/${id}`)) as JobGroupWithAll;

describe('a group', () => {
  it('shows counts, progress, and of each job start, end, duration, log lines and outputs, with their estimate', async () => {
    const groupId = await world.queue({ name: 'summed up', items: itemsOf(['a', 'b', 'c', 'd']) });
    await world.submit(groupId, [0, 1, 2]);
    for (const index of [0, 1]) {
      const worker = world.worker(groupId, index);
      await worker.begin();
      await worker.write('line\n'.repeat(1_500));
      await worker.bring({ 'mass.txt': '125.25\n' });
      await worker.end({ exit: '0' });
    }
    const running = world.worker(groupId, 2);
    await running.begin();
    await running.write('begun\n');
    const { totals } = await waitFor(
      async () => {
        const group = await groupOf(groupId);
        return group.states.succeeded === 2 && group.totals.logLines === 3_001 ? group : undefined;
      },
      { what: 'two to succeed, and the third to write' },
    );
    const each = totals.outputBytes / 2;
    expect(totals.estimatedOutputBytes).toBe(each * 4);
    expect(each).toBeGreaterThan(0);

    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto(`/jobs/groups/${groupId}`);
    await page.getByText('2 of 4 jobs ended').waitFor();
    for (const count of ['1 queued', '1 running', '2 succeeded'])
      await page.getByRole('button', { name: count }).waitFor();
    const bar = page.getByRole('progressbar', { name: 'Jobs that ended' });
    expect(await bar.getAttribute('aria-valuenow')).toBe('2');
    const fact = (label: string) => page.locator('dl > div', { hasText: label }).locator('dd');
    expect(await fact('Logs').innerText()).toMatch(/^3[,\s]001 lines, 15\.0 kB$/);
    expect(await fact('Outputs so far').innerText()).toBe(`${each * 2} B`);
    expect(await fact('Outputs of all, estimated').innerText()).toBe(`≈ ${each * 4} B`);
    await fact('End, estimated')
      .getByText(/in |now/)
      .waitFor();
    const cells = async (key: string): Promise<readonly string[]> =>
      page
        .getByRole('row', { name: new RegExp(`^${key} `) })
        .getByRole('cell')
        .allInnerTexts();
    expect(await page.getByRole('table').getByRole('columnheader').allInnerTexts()).toEqual([
      'Job',
      'State',
      'Start',
      'End',
      'Duration',
      'Log lines',
      'Outputs',
    ]);
    const time = /^\d+ \w+ 20\d\d, \d\d:\d\d$/;
    const ended = await cells('a');
    expect(ended.slice(-6)).toEqual([
      'succeeded',
      expect.stringMatching(time),
      expect.stringMatching(time),
      expect.stringMatching(/^[\d.]+ s$/),
      expect.stringMatching(/^1[,\s]500$/),
      `${each} B`,
    ]);
    expect((await cells('c')).slice(-6)).toEqual([
      'running',
      expect.stringMatching(time),
      '—',
      expect.stringMatching(/^[\d.]+ s$/),
      '1',
      '—',
    ]);
    expect((await cells('d')).slice(-6)).toEqual(['queued', '—', '—', '—', '—', '—']);
    await picture(page, 'group-summed-up');
    expect(complaints()).toEqual([]);
    await close();
  });

  it('moves as its jobs do, and its end is said to those who do not see it', async () => {
    const groupId = await world.queue({ name: 'watched', items: itemsOf(['left', 'right']) });
    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto(`/jobs/groups/${groupId}`);
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    const bar = page.getByRole('progressbar', { name: 'Jobs that ended' });
    const says = (words: string): Promise<unknown> =>
      waitFor(async () => (await bar.getAttribute('aria-valuetext')) === words, { what: words });
    await says('0 of 2 ended, 2 queued');
    await world.submit(groupId, [0, 1]);
    await says('0 of 2 ended, 2 waiting');
    await succeed(world, groupId, 0);
    await says('1 of 2 ended, 1 waiting, 1 succeeded');
    const row = page.getByRole('row', { name: /left/ });
    await row.getByText('succeeded').waitFor();
    await row.getByRole('cell', { name: '2', exact: true }).waitFor();
    await picture(page, 'group-live');
    await page.getByRole('button', { name: '1 succeeded' }).click();
    await page.getByRole('row', { name: /right/ }).waitFor({ state: 'detached' });
    await succeed(world, groupId, 1);
    await page.getByRole('status').getByText('watched succeeded.').waitFor({ state: 'attached' });
    await page.getByText('2 of 2 jobs ended').waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });

  it('is cancelled, and what did not succeed tried again, once one has confirmed it', async () => {
    const groupId = await world.queue({ name: 'mixed' });
    await world.submit(groupId, [0, 1, 2]);
    await fail(world, groupId, 1);
    await succeed(world, groupId, 0);
    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto(`/jobs/groups/${groupId}`);
    await page.getByRole('button', { name: 'Cancel jobs' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Cancel one job?').waitFor();
    await dialog.getByLabel('Why').fill('wrong dataset');
    await dialog.getByRole('button', { name: 'Cancel the jobs' }).click();
    await page.getByText('one job will be ended.').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await dialog.getByText('Try one job again?').waitFor();
    await dialog.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('one job will be tried again.').waitFor();
    await page.getByRole('row', { name: /data-B.*attempt 2/ }).waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });
});
