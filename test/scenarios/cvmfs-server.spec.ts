import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor, type SpawnedService } from '#lab';
import { startCvmfsStandIn, type CvmfsStandIn } from '../stand-ins/cvmfs-server/stand-in.js';
import { PublisherWorld } from './publisher-world.js';

describe('the publisher on a stand-in for cvmfs_server', () => {
  let cvmfs: CvmfsStandIn;
  let world: PublisherWorld;
  let publisher: SpawnedService;

  beforeAll(async () => {
    cvmfs = startCvmfsStandIn();
    const { root: path, environment, tool: standIn, repository: _, ...server } = cvmfs.settings;
    // The driver gives the tool a minimal environment; what the stand-in needs to know is written into a wrapper.
    const tool = join(cvmfs.directory, 'cvmfs_server');
    const settings = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`);
    writeFileSync(
      tool,
      ['#!/bin/sh', ...settings, `. '${faults()}'`, `exec '${standIn}' "$@"`, ''].join('\n'),
    );
    chmodSync(tool, 0o755);
    fault();
    world = await PublisherWorld.create({
      testPath: import.meta.url,
      repository: { name: cvmfs.repository, driver: 'cvmfs_server', path, server: { ...server, tool } },
    });
  }, 60_000);
  beforeEach(async () => {
    publisher = await world.startPublisher();
  });
  afterEach(async () => {
    fault();
    await publisher.kill('SIGKILL');
  });
  afterAll(async () => {
    await world.close();
    cvmfs.stop();
  });

  const faults = (): string => join(cvmfs.directory, 'faults');
  /** Environment of the stand-in from its next command on. */
  const fault = (...settings: string[]): void =>
    writeFileSync(faults(), settings.map((one) => `export ${one}\n`).join(''));
  const published = (digest: string) =>
    world.recorder.waitFor('image.published', (said) => said['digest'] === digest, 60_000);
  const readers = (repository: string, file: string): string =>
    join(cvmfs.readers(), world.registry.host, `${repository}:v1`, file);
  const pushed = async (repository: string, content: string): Promise<string> => {
    const digest = await world.push(repository, 'v1', [[{ name: 'file', content }]]);
    await world.announce({ repository, tag: 'v1', digest });
    return digest;
  };

  it('publishes inside a transaction: readers see the tree of the new revision', async () => {
    await published(await pushed('team/first', 'one'));
    expect(await readFile(readers('team/first', 'file'), 'utf8')).toBe('one');
    expect(cvmfs.run(['list']).stdout).not.toContain('in transaction');
  });

  it('leaves a stranger’s transaction alone and publishes once that is over', async () => {
    expect(cvmfs.run(['transaction', cvmfs.repository]).code).toBe(0);
    const before = cvmfs.published('S');
    const digest = await pushed('team/stranger', 'two');
    await waitFor(() => publisher.logs().some((line) => line.includes('cvmfs.busy')), {
      what: 'the publisher to be refused',
      deadlineMs: 30_000,
    });
    expect(cvmfs.published('S')).toBe(before);
    expect(cvmfs.run(['list']).stdout).toContain('in transaction');
    expect(cvmfs.run(['publish', cvmfs.repository]).code).toBe(0);
    await published(digest);
    expect(await readFile(readers('team/stranger', 'file'), 'utf8')).toBe('two');
  }, 90_000);

  it.each([
    ['while its transaction is open, before anything is published', 'publish:start'],
    ['after the new revision is signed', 'publish:signed'],
  ])(
    'recovers its own transaction when killed %s',
    async (_, point) => {
      fault(`CVMFS_STANDIN_PAUSE=${point}`);
      const digest = await pushed(`team/${point.replace(':', '-')}`, point);
      await waitFor(() => existsSync(join(cvmfs.directory, 'paused')), {
        what: `the stand-in at ${point}`,
        deadlineMs: 30_000,
      });
      await publisher.kill('SIGKILL');
      fault();
      rmSync(join(cvmfs.directory, 'paused'));
      publisher = await world.startPublisher();
      await published(digest);
      expect(await readFile(readers(`team/${point.replace(':', '-')}`, 'file'), 'utf8')).toBe(point);
      const events = world.recorder.named('image.published').filter(({ data }) => data['digest'] === digest);
      expect(events).toHaveLength(1);
    },
    90_000,
  );

  it('publishes several images that wait in one transaction', async () => {
    fault('CVMFS_STANDIN_PAUSE=publish:start');
    const first = await pushed('team/batch-0', 'batch 0');
    await waitFor(() => existsSync(join(cvmfs.directory, 'paused')), { what: 'the first publish' });
    fault();
    const waiting = [];
    for (let n = 1; n <= 3; n++) waiting.push(await pushed(`team/batch-${n}`, `batch ${n}`));
    for (const digest of waiting) {
      await world.recorder.waitFor(
        'image.publishing',
        (said) => said['digest'] === digest && said['step'] === 'transaction',
      );
    }
    rmSync(join(cvmfs.directory, 'paused'));
    await published(first);
    const before = Number(cvmfs.published('S'));
    for (const digest of waiting) await published(digest);
    expect(Number(cvmfs.published('S')) - before).toBeLessThan(waiting.length);
  }, 90_000);
});
