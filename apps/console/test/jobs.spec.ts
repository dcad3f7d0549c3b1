import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { type Channel, type ChannelModel, connect, type GetMessage } from 'amqplib';
import { exchanges, groupRefused } from '#contracts';
import { waitFor } from '#lab';
import { barriers, looks, openBrowser, openWindow, overhang, picture } from './browser.js';
import { signIn } from './console-world.js';
import { fail, itemsOf, type JobsWorld, jobsWorld, succeed } from './jobs-world.js';

// Real: Chromium, the registry, the monitor, RabbitMQ, PostgreSQL. The batch system is a simulated one.

let browser: Browser;
let world: JobsWorld;
let mixed: string;

let broker: ChannelModel;
let channel: Channel;
const commands = 'test.commands';

beforeAll(async () => {
  world = await jobsWorld(import.meta.url);
  broker = await connect(world.amqpUrl);
  channel = await broker.createChannel();
  await channel.assertQueue(commands, { exclusive: true });
  await channel.bindQueue(commands, exchanges.commands, 'job.submit.#');
  await world.ask('POST', '/api/v1/projects', {
    name: 'higgs',
    url: 'https://gitlab.example.org/atlas/higgs',
    path: 'atlas/higgs',
  });
  await world.ask('POST', '/api/v1/backends', { name: 'pool', kind: 'htcondor' });
  mixed = await world.queue({
    name: 'Higgs to four leptons',
    runningAtOnce: 200,
    user: { name: 'ada', groups: [] },
  });
  await world.submit(mixed, [0, 1, 2]);
  await fail(world, mixed, 1);
  await succeed(world, mixed, 0);
  await refused();
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await broker?.close();
  await world?.close();
});

/** What the submitter is told next. */
const commanded = async (): Promise<object> => {
  const next = async (): Promise<GetMessage | undefined> =>
    (await channel.get(commands, { noAck: true })) || undefined;
  return JSON.parse((await waitFor(next, { what: 'a command' })).content.toString()) as object;
};

async function refused(): Promise<void> {
  const groupId = randomUUID();
  await world.bus.publish(groupRefused, {
    groupId,
    name: 'nightly',
    project: 'higgs',
    jobs: 411,
    labels: {},
    code: 'identity.unmapped',
    reason:
      'nobody is mapped to the user ada on the backend pool: an identity mapping says whose jobs they are',
    requestedBy: 'ada',
    at: new Date().toISOString(),
  });
  await waitFor(() => world.ask('GET', `/api/v1/groups/${groupId}`), { what: 'the refused group' });
}

describe('the groups of jobs', () => {
  it('are listed, and narrowed by filters that stand in the address', async () => {
    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/jobs');
    await page.getByRole('link', { name: 'Higgs to four leptons' }).waitFor();
    await page.getByRole('row', { name: /nightly.*refused.*nobody is mapped/ }).waitFor();
    await page.getByLabel('State').selectOption('refused');
    await page.getByRole('link', { name: 'Higgs to four leptons' }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('state')).toBe('refused');
    await page.goto('/jobs?q=LEPTONS&project=higgs&backend=pool&since=2020-01-01');
    await page.getByRole('link', { name: 'Higgs to four leptons' }).waitFor();
    expect(await page.getByRole('link', { name: 'nightly' }).count()).toBe(0);
    await page.goto('/jobs?until=2020-01-01');
    await page.getByText('No group is like that').waitFor();

    expect(complaints()).toEqual([]);
    await close();
  });

  it('are searched job by job: by project, state, user, backend and time', async () => {
    await world.queue({
      name: 'in the attic',
      project: 'attic',
      backend: 'shed',
      user: { name: 'eve', groups: [] },
      items: itemsOf(['dusty']),
      requestedAt: '2020-02-02T12:00:00.000Z',
    });
    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/jobs');
    await page.getByRole('tab', { name: 'Single jobs' }).click();
    const here = page.getByRole('link', { name: 'data-A', exact: true });
    const there = page.getByRole('link', { name: 'dusty', exact: true });
    const filters = [
      ['Project', 'attic', 'higgs'],
      ['Backend', 'shed', 'pool'],
      ['User', 'eve', 'ada'],
      ['From', '', '2020-02-03'],
      ['To', '2020-02-02', ''],
    ] as const;
    for (const [label, ofThere, ofHere] of filters) {
      const filter = page.getByLabel(label, { exact: true }).and(page.locator('input'));
      if (ofThere !== '') {
        await filter.fill(ofThere);
        await here.waitFor({ state: 'detached' });
        await there.waitFor();
      }
      if (ofHere !== '') {
        await filter.fill(ofHere);
        await there.waitFor({ state: 'detached' });
        await here.waitFor();
      }
      await filter.fill('');
      await Promise.all([here.waitFor(), there.waitFor()]);
    }
    await page.getByLabel('State').selectOption('failed');
    await page.getByRole('row', { name: /data-B.*failed.*exit status 3/ }).waitFor();
    await here.waitFor({ state: 'detached' });
    await there.waitFor({ state: 'detached' });
    await page.getByLabel('State').selectOption('queued');
    await there.waitFor();
    await page.getByRole('link', { name: 'data-B' }).waitFor({ state: 'detached' });
    expect(complaints()).toEqual([]);
    await close();
  });

  it('that were refused say why', async () => {
    const { page, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/jobs?state=refused');
    await page.getByRole('link', { name: 'nightly' }).click();
    await page.getByRole('heading', { level: 1, name: 'nightly' }).waitFor();
    await page.getByText('nobody is mapped to the user ada').waitFor();
    await page.getByText('identity.unmapped').waitFor();
    expect(await page.getByRole('button', { name: /Cancel|Try again/ }).count()).toBe(0);
    await close();
  });
});

describe('the form that hands jobs in', () => {
  it('says at each field what the API has against it, and hands in what is put right', async () => {
    const { page, complaints, close } = await openWindow(browser, world.url);
    await signIn(page, world.adminKey);
    await page.goto('/jobs');
    await page.getByRole('button', { name: 'Hand in' }).click();
    const dialog = page.getByRole('dialog');
    const field = (name: string) => dialog.getByLabel(new RegExp(`^${name}`));
    const handIn = dialog.getByRole('button', { name: 'Hand in' });
    await field('Project').fill('higgs');
    await field('Name').fill('from the page');
    await handIn.click();
    await dialog.getByText('is missing').waitFor();
    expect(await field('Script').getAttribute('aria-invalid')).toBe('true');
    await page.waitForFunction('document.activeElement.tagName === "TEXTAREA"');
    await field('Script').fill('echo "$ITEM"\necho done');
    await field('One job for each').fill('data-A\n\n data-B \n');
    await field('Variables').fill('GOOD=a=b\nNOT A NAME=1');
    await field('Memory').fill('much');
    await field('Inputs').fill('cuts.txt ftp://example.org/cuts.txt');
    await handIn.click();
    await dialog.getByRole('alert').getByText('It was not handed in').waitFor();
    await dialog.getByText(/line 1: /).waitFor();
    await dialog.getByText(/NOT A NAME: /).waitFor();
    for (const name of ['Variables', 'Memory', 'Inputs'])
      expect([name, await field(name).getAttribute('aria-invalid')]).toEqual([name, 'true']);
    await picture(page, 'hand-in-refused');
    await field('Variables').fill('GOOD=a=b');
    await field('Memory').fill('4 GiB');
    await field('Inputs').fill('cuts.txt https://example.org/cuts.txt');
    await handIn.click();
    await dialog.getByText('names no backend').first().waitFor();
    await field('Backend').fill('pool');
    await handIn.click();
    await page.getByText('from the page, 2 jobs, is on its way to pool.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    const asked = await commanded();
    expect(asked).toMatchObject({
      name: 'from the page',
      project: 'higgs',
      backend: 'pool',
      items: [{ key: 'data-A' }, { key: 'data-B' }],
      template: {
        steps: [{ script: 'echo "$ITEM"\necho done' }],
        environment: { GOOD: 'a=b' },
        resources: { memoryBytes: 4 * 2 ** 30 },
        inputs: [{ path: 'cuts.txt', url: 'https://example.org/cuts.txt' }],
      },
    });
    expect(complaints()).toEqual([]);
    await close();
  });
});

describe('for a key of certain projects, which may not follow the events of all', () => {
  it('the groups of its projects move none the less', async () => {
    const wanted = { name: 'narrow', role: 'member', onlyProjects: ['higgs'] };
    const { key } = (await world.ask('POST', '/api/v1/api-keys', wanted)) as { readonly key: string };
    const groupId = await world.queue({ name: 'polled', items: itemsOf(['only']) });
    const { page, close } = await openWindow(browser, world.url);
    await signIn(page, key);
    await page.goto(`/jobs/groups/${groupId}`);
    await page.getByRole('status').getByText('Not live', { exact: true }).waitFor();
    await world.submit(groupId, [0]);
    await page.getByRole('row', { name: /only.*waiting/ }).waitFor();
    await close();
  });

  it('what one may not do is not offered', async () => {
    const wanted = { name: 'looks on', role: 'reader', onlyProjects: ['higgs'] };
    const { key } = (await world.ask('POST', '/api/v1/api-keys', wanted)) as { readonly key: string };
    const groupId = await world.queue({ name: 'of others', items: itemsOf(['only']) });
    const { page, close } = await openWindow(browser, world.url);
    await signIn(page, key);
    await page.goto(`/jobs/groups/${groupId}`);
    await page.getByRole('row', { name: /only.*queued/ }).waitFor();
    expect(await page.getByRole('button', { name: /Cancel|Try again/ }).count()).toBe(0);
    await page.goto('/jobs');
    await page.getByRole('link', { name: 'of others' }).waitFor();
    expect(await page.getByRole('button', { name: 'Hand in' }).count()).toBe(0);
    await close();
  });
});

describe.each(looks)('the pages of jobs ($name)', ({ name, ...look }) => {
  it('have no barriers, and stick out nowhere', async () => {
    const { page, complaints, close } = await openWindow(browser, world.url, look);
    await signIn(page, world.adminKey);
    const found: string[] = [];
    for (const [path, text, as] of [
      ['/jobs', 'Higgs to four leptons', 'jobs'],
      ['/jobs/search', 'data-A', 'job-search'],
      [`/jobs/groups/${mixed}`, 'data-A', 'group'],
    ] as const) {
      await page.goto(path);
      await page.getByRole('link', { name: text }).first().waitFor();
      await picture(page, `${as}-${name}`);
      found.push(...(await barriers(page)).map((barrier) => `${as}: ${barrier}`));
      const over = await overhang(page);
      if (over > 0) found.push(`${as}: ${over} px too wide`);
    }
    await page.goto('/jobs');
    await page.getByRole('button', { name: 'Hand in' }).click();
    await page.getByRole('textbox', { name: 'Wall time' }).waitFor();
    await picture(page, `hand-in-${name}`);
    found.push(...(await barriers(page)).map((barrier) => `hand-in: ${barrier}`));
    const over = await overhang(page);
    if (over > 0) found.push(`hand-in: ${over} px too wide`);
    expect(found).toEqual([]);
    expect(complaints()).toEqual([]);
    await close();
  });
});
