import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const output = fileURLToPath(new URL('../../../../test/output/console/', import.meta.url));

/** Debian's; playwright brings none here. */
const program = '/usr/bin/chromium';

/** A real Chromium without a window, the machine's own. Rejects where none is installed. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    // Without them it asks hosts of its maker's for updates, which a closed network refuses by the hundred.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
}

/** How a page is looked at. */
export interface Look {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** Another server that the page may lead to, and nothing else: the sign-in provider. */
  readonly provider?: string;
}

/** Every page is looked at like this. */
export const looks = [
  { name: 'light', colorScheme: 'light', width: 1280 },
  { name: 'dark', colorScheme: 'dark', width: 1280 },
  { name: 'phone', colorScheme: 'light', width: 390 },
  { name: 'phone-dark', colorScheme: 'dark', width: 390 },
] as const;

/** One of them. */
export type NamedLook = (typeof looks)[number];

/** A browser's window on the page: fails the test that uses it when the page fails, or asks for what is not ours. */
export interface Window {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page complained of: errors, broken rules of the content security policy, requests to other hosts. */
  readonly complaints: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** A context of its own each time: no cookie and no storage of another window is in it. */
export async function openWindow(browser: Browser, url: string, look: Look = {}): Promise<Window> {
  const { colorScheme = 'light', width = 1280, height = 860, provider = url } = look;
  const context = await browser.newContext({
    baseURL: url,
    colorScheme,
    viewport: { width, height },
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Zurich',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // What the API refuses is shown in the page; the browser tells of it too.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const isKnown = [url, provider].some((known) => request.url().startsWith(known));
    if (!isKnown && !/^(?:data|blob):/.test(request.url())) complaints.push(`request to ${request.url()}`);
  });
  return { page, context, complaints: () => complaints, close: () => context.close() };
}

/** Keeps a picture in test/output/console, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(output, { recursive: true });
  await page.screenshot({ path: join(output, `${name}.png`), fullPage: true });
}

const axe = readFileSync(
  join(dirname(createRequire(import.meta.url).resolve('axe-core')), 'axe.min.js'),
  'utf8',
);

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds serious or critical on the page as it stands, one line each. */
export async function barriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const violations = await page.evaluate<readonly Violation[]>(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

/** By how many pixels the page is wider than the window: 0 unless something sticks out. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
