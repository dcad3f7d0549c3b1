import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { toAppError } from '#errors';
import { type EndedCiJob, showCiJob } from './ci-job.js';
import { treeFaults, treeListing } from './check-tree.js';
import { pushDemoImage, type PushedDemoImage } from './demo-image.js';
import { type HeardEvent, listenToEvents } from './listener.js';
import { describeEvent, isWorthALine, say } from './narrator.js';
import { demoOptions } from './options.js';
import { type Site, startSite } from './site.js';

const publishDeadlineMs = 60_000;

const options = demoOptions(process.argv.slice(2));
const stopped = new Promise<'stopped'>((done) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done('stopped'));
});
process.exitCode = await demo().catch((error: unknown) => {
  say(`failed: ${toAppError(error).message}`);
  return 1;
});

async function demo(): Promise<number> {
  const state = stateDirectory(options.directory);
  say(`everything lives below ${state}${options.keep ? '' : ' and is removed at the end'}`);
  try {
    const site = await startSite(state, say);
    try {
      return await show(site, state);
    } finally {
      if (options.verbose) for (const service of site.services) say(`its log:\n${service.logTail(500)}`);
      say('stopping everything');
      await site.stop();
    }
  } finally {
    if (!options.keep) rmSync(state, { recursive: true, force: true });
  }
}

async function show(site: Site, state: string): Promise<number> {
  const events: HeardEvent[] = [];
  const meanwhile: string[] = [];
  let tell = say;
  const listener = await listenToEvents(site.amqpUrl, (event) => {
    events.push(event);
    if (isWorthALine(event)) tell(describeEvent(event));
  });
  try {
    say(
      `the page and the API: ${site.slipway.url}/  bootstrap key, good for one sign-in: ${site.bootstrapKey}`,
    );
    const image = await pushDemoImage(site.registry, 'v1');
    say(`pushed ${site.registry}/${image.repository}:${image.tag}, ${image.layers} layers, ${image.digest}`);
    const published = await Promise.race([publication(events, image), stopped]);
    if (published === 'stopped') return 130;
    const { summary, faults } = judge(site, image, published);
    say(
      'a CI job in GitLab, which is one job on the grid for each line of a file; its trace, as it arrives there:',
    );
    const write = (trace: string): void => void process.stderr.write(trace);
    // A line of ours in the middle of one that renews itself would make neither readable.
    tell = (line) => void meanwhile.push(line);
    const ended = await showCiJob({ project: site.project, directory: state, write, stopped });
    tell = say;
    say(`what was said on the bus meanwhile, besides of each job:\n${meanwhile.join('\n')}`);
    if (ended === 'stopped') return 130;
    tellCiJob(ended);
    const { faults: ciFaults, ...ciJob } = ended;
    if (options.json) process.stdout.write(`${JSON.stringify({ ...summary, ciJob })}\n`);
    if (faults.length + ciFaults.length > 0) return 1;
    if (!options.once) {
      invite(site);
      await stopped;
    }
    return 0;
  } finally {
    await listener.close();
  }
}

function tellCiJob({ state, seconds, artifacts, faults }: EndedCiJob): void {
  say(`the CI job is over after ${seconds.toFixed(1)} s: ${state}. GitLab has as its artifacts:`);
  process.stderr.write(artifacts.map((path) => `     ${path}\n`).join(''));
  for (const fault of faults) say(`WRONG: ${fault}`);
  if (faults.length === 0) say(`the artifacts are right: all ${artifacts.length} are as they have to be`);
}

/** PostgreSQL may run as somebody else in there, so that the directory itself must let it pass. */
function stateDirectory(directory: string | undefined): string {
  const path = directory === undefined ? mkdtempSync(join(tmpdir(), 'slipway-demo-')) : resolve(directory);
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o711);
  return path;
}

async function publication(events: readonly HeardEvent[], image: PushedDemoImage): Promise<HeardEvent> {
  const deadline = Date.now() + publishDeadlineMs;
  while (Date.now() < deadline) {
    const own = events.filter(({ data }) => data['digest'] === image.digest);
    const end = own.find(
      ({ key, data }) =>
        key === 'image.published.v1' || (key === 'image.publish_failed.v1' && data['willRetry'] === false),
    );
    if (end !== undefined) return end;
    await delay(20);
  }
  throw new Error(`the image was not published within ${publishDeadlineMs / 1000} s`);
}

function judge(site: Site, image: PushedDemoImage, { key, data }: HeardEvent) {
  if (key !== 'image.published.v1') throw new Error(`it could not be published: ${String(data['reason'])}`);
  const tag = join(site.cvmfs, site.registry, `${image.repository}:${image.tag}`);
  const tree = realpathSync(tag);
  const { digest, files, bytes, seconds } = data;
  const summary = { event: 'image.published', digest, path: tree, files, bytes, seconds };
  say(`published: ${tag}\n  -> ${tree}`);
  process.stderr.write(`${treeListing(tree, '     ').join('\n')}\n`);
  const faults = treeFaults(tree, image.expected);
  for (const fault of faults) say(`WRONG: ${fault}`);
  if (faults.length === 0) say(`the tree is right: all ${image.expected.size} things to check are as built`);
  return { summary, faults };
}

function invite(site: Site): void {
  say('it goes on until Ctrl-C. Push something yourself, and watch it arrive:');
  const target = `${site.registry}/mine/alpine:latest`;
  process.stderr.write(
    [
      `  skopeo copy --dest-tls-verify=false docker://docker.io/library/alpine docker://${target}`,
      `  docker pull alpine && docker tag alpine ${target} && docker push ${target}`,
      `  ls ${site.cvmfs}/${site.registry}/`,
      'The page: sign in with the bootstrap key, once, and make a key of your own under "API keys":',
      `  ${site.slipway.url}/  ${site.bootstrapKey}`,
      'The same by the command, which is signed in already, to read (bin/slipway login takes your own key):',
      `  export XDG_CONFIG_HOME=${site.slipway.commandHome}`,
      '  bin/slipway publications watch',
      '',
    ].join('\n'),
  );
}
