import { type InputOf, type groupQueued, jobTemplate } from '#contracts';
import { waitFor } from '#lab';
import type { Browser, Page } from 'playwright-core';
import { barriers, looks, openBrowser, openWindow, overhang, picture } from './browser.js';
import { signIn } from './console-world.js';
import { attemptOf, itemsOf, type JobsWorld, jobsWorld, type Worker } from './jobs-world.js';

// Real: Chromium, the registry, the monitor with its logs and outputs, RabbitMQ, PostgreSQL. The batch system is a
// simulated one, and what a job says is said by the test, as the wrapper says it.

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

const esc = '\u001b';
const now = 1_790_000_000;
const start = (name: string): string => `${esc}[0Ksection_start:${now}:${name}\r${esc}[0K`;
const end = (name: string): string => `${esc}[0Ksection_end:${now + 75}:${name}\r${esc}[0K\n`;

const template: InputOf<typeof groupQueued>['template'] = jobTemplate.parse({
  image: 'docker.io/library/debian:12',
  steps: [{ name: 'script', script: './run.sh "$SAMPLE"' }],
  inputs: [
    { path: 'run.sh', content: 'echo hello', executable: true },
    { path: 'cuts.txt', url: 'https://example.org/cuts.txt' },
  ],
  outputs: ['plots'],
});

interface Begun {
  readonly worker: Worker;
  readonly path: string;
  readonly batchId: string;
}

async function begun(name: string): Promise<Begun> {
  const groupId = await world.queue({ name, template, items: itemsOf([`${name} 1`]) });
  const [batchId = ''] = await world.submit(groupId, [0]);
  const worker = world.worker(groupId, 0);
  await worker.begin();
  return { worker, path: `/jobs/${attemptOf(groupId, 0).jobId}`, batchId };
}

async function opened(path: string, heading: string, look = {}) {
  const { page, complaints, close } = await openWindow(browser, world.url, look);
  await signIn(page, world.adminKey);
  await page.goto(path);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  return { page, complaints, close, log: page.getByRole('region', { name: 'Log', exact: true }) };
}

const logIs = (page: Page, words: string): Promise<void> =>
  page.getByRole('status', { name: 'State of the log' }).getByText(words).waitFor();

describe('the log of a job', () => {
  it('comes as it is written, in its colours and sections, and nothing of it is HTML', async () => {
    const { worker, path } = await begun('analysis');
    const { page, log, complaints, close } = await opened(path, 'analysis 1');
    await log.getByText('Nothing was written yet').waitFor();
    await worker.write(
      `${start('fetch_inputs')}Fetching\n${esc}[32mall here${esc}[0m\n${end('fetch_inputs')}`,
    );
    const green = log.getByText('all here');
    await green.waitFor();
    expect(await green.getAttribute('class')).toBe('ansi-green-fg');
    await worker.write(`${start('script')}Running\n<img src=/x onerror="document.title='broken'">\n`);
    await log.getByText('<img src=/x').waitFor();
    expect(await log.locator('img').count()).toBe(0);
    const fold = log.getByRole('button', { name: /fetch inputs/ });
    expect(await fold.innerText()).toContain('1 min 15 s');
    await fold.press('Enter');
    await green.waitFor({ state: 'detached' });
    expect(await fold.getAttribute('aria-expanded')).toBe('false');

    await page.getByRole('button', { name: 'Hold' }).click();
    await logIs(page, 'Held');
    await worker.write('while it was held\n');
    await page.getByRole('button', { name: 'Go on' }).click();
    await log.getByText('while it was held').waitFor();
    await worker.end({ exit: '0' });
    await logIs(page, 'Complete');
    await page.getByRole('article').getByText('said by the job itself').first().waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });

  it('that is huge leaves the page usable: its end is shown, and the whole is a link away', async () => {
    const { worker, path } = await begun('huge');
    const line = 'x'.repeat(90);
    let written = 0;
    for (let part = 0; part < 8; part++) {
      const lines = Array.from({ length: 5_000 }, () => `${(written += 1)} ${line}\n`);
      await worker.write(lines.join(''));
    }
    await waitFor(
      async () =>
        ((await world.ask('GET', `/api/v1${path}`)) as { readonly logLines?: number }).logLines === 40_000,
      { what: 'the ledger to know the length' },
    );
    const { page, log, complaints, close } = await opened(path, 'huge 1');
    await log.getByText(/^40000 x/).waitFor();
    expect(await log.locator('.log-line').count()).toBeLessThan(5_200);
    await page.getByText(/The beginning is not shown here/).waitFor();
    const frame = 'document.querySelector(".log")';
    expect(
      await page.evaluate(`${frame}.scrollHeight - ${frame}.scrollTop - ${frame}.clientHeight`),
    ).toBeLessThan(40);
    await worker.write('and on\n'.repeat(6_000));
    await worker.write('the last one\n');
    await log.getByText('the last one').waitFor();
    expect(await log.locator('.log-line').count()).toBeLessThan(5_200);
    const whole = await page.getByRole('link', { name: 'Whole log' }).getAttribute('href');
    const answer = await page.request.get(whole ?? '', { headers: { range: 'bytes=0-9' } });
    expect(await answer.text()).toBe('1 xxxxxxxx');
    await picture(page, 'job-huge-log');
    expect(complaints()).toEqual([]);
    await close();
  });
});

describe('a job', () => {
  let path: string;
  let batchId: string;

  beforeAll(async () => {
    const job = await begun('plots');
    ({ path, batchId } = job);
    await job.worker.write(
      `${start('script')}Running\n${esc}[1;33mwarning:${esc}[0m ${esc}[41mred ground${esc}[0m\n${end('script')}`,
    );
    await job.worker.bring({ 'plots/mass.txt': '125.25\n', 'plots/<b>.txt': 'odd\n' });
    await job.worker.end({ exit: '0', inputs: '1:10 2:4096' });
    await waitFor(
      async () =>
        ((await world.ask('GET', `/api/v1${path}`)) as { readonly state: string }).state === 'succeeded',
      { what: 'the job to have succeeded' },
    );
  });

  it('shows what went in and what came out, and how to do it again elsewhere', async () => {
    const { page, complaints, close } = await opened(path, 'plots 1');
    await page.getByRole('row', { name: /run\.sh.*the request itself.*10 B/ }).waitFor();
    await page.getByRole('row', { name: /cuts\.txt.*https:\/\/example\.org\/cuts\.txt.*4\.1 kB/ }).waitFor();
    await page.getByRole('row', { name: /plots\/mass\.txt.*7 B/ }).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'plots/mass.txt' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe('mass.txt');
    const archive = await page.getByRole('link', { name: /^All of them/ }).getAttribute('href');
    expect((await (await page.request.get(archive ?? '')).body()).subarray(0, 2).toString()).toBe('PK');
    await page.getByRole('button', { name: 'Ask the batch system' }).click();
    await page.getByText('There is none to see').waitFor();
    await world.grid.change([batchId], { ownLog: '000 (003.000.000) Job submitted\n001 Job executing' });
    await page.getByRole('button', { name: 'Ask again' }).click();
    const own = page.getByRole('region', { name: "The batch system's own log" });
    await own.getByText('001 Job executing').waitFor();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: world.url });
    await page.getByRole('button', { name: 'Copy the command' }).click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(
      /^printf %s 'echo hello' > run\.sh &&\nchmod \+x run\.sh &&\ncurl .*cuts\.txt &&\ndocker run .*debian:12/,
    );
    expect(complaints()).toEqual([]);
    await close();
  });

  it('that failed says why, and keeps the log of each attempt when it is tried again', async () => {
    const { worker, path: failing } = await begun('broken');
    await worker.write('no such dataset\n');
    await worker.end({
      exit: '3',
      fault: 'script-failed',
      words: 'the step script ended with exit status 3',
    });
    const { page, log, complaints, close } = await opened(failing, 'broken 1');
    await page.getByRole('alert').getByText('the step script ended with exit status 3').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Attempt 2' }).waitFor();
    await log.getByText('Nothing was written yet').waitFor();
    await page.getByRole('combobox', { name: 'Attempt' }).selectOption('1');
    await log.getByText('no such dataset').waitFor();
    expect(await log.count()).toBe(1);
    expect(await page.getByRole('heading', { name: 'Outputs' }).count()).toBe(1);
    expect(new URL(page.url()).searchParams.get('attempt')).toBe('1');
    await page.getByRole('button', { name: 'Cancel it' }).waitFor();
    await picture(page, 'job-tried-again');
    expect(await barriers(page)).toEqual([]);
    expect(complaints()).toEqual([]);
    await close();
  });

  it.each(looks)('has no barriers, and sticks out nowhere ($name)', async ({ name, ...look }) => {
    const { page, log, complaints, close } = await opened(path, 'plots 1', look);
    await log.getByText('red ground').waitFor();
    await page.getByRole('row', { name: /mass/ }).waitFor();
    await picture(page, `job-${name}`);
    expect(await barriers(page)).toEqual([]);
    expect(await overhang(page)).toBe(0);
    expect(complaints()).toEqual([]);
    await close();
  });
});
