import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, silentLogger, type Bus } from '#bus';
import { credentialResource, projectResource } from '#contracts';
import { isolatedVhost, waitFor } from '#lab';
import { openRegistryCopy, type RegistryCopy, type RegistryCopyOptions } from '#registry-copy';
import { openKeyRing } from '#secrets';
import { keyRingText, StandInRegistry, type StandInOptions } from '../../../test/stand-ins/registry.js';

// Real: RabbitMQ, files. The registry is a stand-in.
const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const spec = (name: string, description = 'as made'): object => ({
  name,
  description,
  kind: 'repository',
  url: 'https://git.example.org/x',
});

interface World {
  readonly url: string;
  readonly directory: string;
  readonly registry: StandInRegistry;
  readonly lines: string[];
  readonly learnt: string[];
  /** A copy that follows the registry; without broker one that reads its file alone. */
  readonly open: (
    more?: Partial<RegistryCopyOptions> & { readonly isAlone?: boolean },
  ) => Promise<RegistryCopy>;
}

async function world(suffix: string, options: StandInOptions = {}): Promise<World> {
  const { url } = await isolatedVhost(import.meta.url, suffix);
  const directory = mkdtempSync(join(tmpdir(), 'slipway-copy-'));
  const lines: string[] = [];
  const learnt: string[] = [];
  const note = (fields: object, text: string): void => void lines.push(`${text} ${JSON.stringify(fields)}`);
  const registry = new StandInRegistry(url, options);
  opened.push(
    () => rmSync(directory, { recursive: true, force: true }),
    () => registry.stop(),
  );
  return {
    url,
    directory,
    registry,
    lines,
    learnt,
    open: async ({ isAlone = false, ...more } = {}) => {
      const copy = await openRegistryCopy({
        directory,
        service: 'webhook-relay',
        kinds: ['project', 'credential'],
        ring: openKeyRing(keyRingText),
        learn: (secret) => learnt.push(secret),
        logger: { debug: note, info: note, warn: note, error: note },
        ...more,
      });
      let bus: Bus | undefined;
      if (!isAlone) {
        bus = connectBus({ url, service: 'webhook-relay', logger: silentLogger });
        copy.follow(bus);
      }
      opened.push(async () => {
        await copy.close();
        await bus?.close();
      });
      return copy;
    },
  };
}

const descriptions = (copy: RegistryCopy): Record<string, string | undefined> =>
  Object.fromEntries(copy.all(projectResource).map(({ name, settings }) => [name, settings.description]));

const untilRevision = (copy: RegistryCopy, revision: number): Promise<unknown> =>
  waitFor(() => copy.isUsable && copy.revision === revision, { what: `revision ${revision}` });

describe('a copy of the registry', () => {
  it('begins with everything that there is, in pages, and hears of each change after that', async () => {
    const { registry, open } = await world('usual', { pageSize: 3 });
    await registry.start();
    for (let n = 1; n <= 8; n++) await registry.change('project', `p${n}`, spec(`p${n}`));
    await registry.change('project', 'p3');
    const copies = await Promise.all([open(), open(), open()]);
    for (const copy of copies) await untilRevision(copy, 9);
    const changed: string[] = [];
    copies[0].onChange((kinds) => changed.push(...kinds));
    await registry.change('project', 'p1', spec('p1', 'changed'));
    await registry.change('backend', 'grid', { name: 'grid', kind: 'local' });
    await registry.change('project', 'p2');
    for (const copy of copies) {
      await untilRevision(copy, 12);
      expect(Object.keys(descriptions(copy))).toEqual(['p1', 'p4', 'p5', 'p6', 'p7', 'p8']);
      expect(descriptions(copy)['p1']).toBe('changed');
    }
    expect(changed).toEqual(['project', 'project']);
    expect(registry.asked).toEqual([0, 0, 0]);
  });

  it('is there at a restart without broker and registry, and catches up with what it missed', async () => {
    const { registry, open } = await world('away');
    await registry.start();
    await registry.change('project', 'a', spec('a'));
    await registry.change('project', 'b', spec('b'));
    const before = await open();
    await untilRevision(before, 2);
    await before.close();
    await registry.change('project', 'a', spec('a', 'while away'));
    await registry.change('project', 'b');
    await registry.change('project', 'c', spec('c'));
    const alone = await open({ isAlone: true });
    expect(alone.isUsable).toBe(true);
    expect(descriptions(alone)).toEqual({ a: 'as made', b: 'as made' });
    const back = await open();
    expect(descriptions(back)).toEqual({ a: 'as made', b: 'as made' });
    await untilRevision(back, 5);
    expect(descriptions(back)).toEqual({ a: 'while away', c: 'as made' });
    expect(registry.asked).toEqual([0, 2]);
  });

  it('is not usable before it knows anything, and waits for a registry that comes later', async () => {
    const { registry, open } = await world('later');
    const copy = await open();
    expect(copy.isUsable).toBe(false);
    await registry.change('project', 'a', spec('a'), { isAnnounced: false });
    await registry.start();
    await untilRevision(copy, 1);
  });

  it('is usable when a registry that has nothing has said so', async () => {
    const { registry, open } = await world('empty');
    await registry.start();
    const copy = await open();
    await untilRevision(copy, 0);
    await copy.close();
    expect((await open({ isAlone: true })).isUsable).toBe(true);
  });

  it('notices by the next change that it missed one', async () => {
    const { registry, open } = await world('gap');
    await registry.start();
    const copy = await open();
    await untilRevision(copy, 0);
    await registry.change('project', 'missed', spec('missed'), { isAnnounced: false });
    await registry.change('project', 'heard', spec('heard'));
    await untilRevision(copy, 2);
    expect(Object.keys(descriptions(copy))).toEqual(['heard', 'missed']);
  });

  it('notices after a while that it missed the last change', async () => {
    const { registry, open } = await world('silent');
    await registry.start();
    const copy = await open({ timing: { usualMs: 200 } });
    await untilRevision(copy, 0);
    await registry.change('project', 'missed', spec('missed'), { isAnnounced: false });
    await untilRevision(copy, 1);
  });

  it('bears changes out of order and doubled', async () => {
    const { registry, open } = await world('order');
    await registry.start();
    const copy = await open();
    await untilRevision(copy, 0);
    const quiet = { isAnnounced: false };
    const first = await registry.change('project', 'a', spec('a'), quiet);
    const second = await registry.change('project', 'a', spec('a', 'second'), quiet);
    const third = await registry.change('project', 'b', spec('b'), quiet);
    for (const item of [third, second, first, second, third, first]) await registry.announce(item);
    await untilRevision(copy, 3);
    expect(descriptions(copy)).toEqual({ a: 'second', b: 'as made' });
  });

  it('follows a registry that was set back to an older state', async () => {
    const { registry, open, lines } = await world('set back', { pageSize: 1 });
    await registry.start();
    const kept = [
      await registry.change('project', 'a', spec('a')),
      await registry.change('project', 'b', spec('b')),
    ];
    await registry.change('project', 'a', spec('a', 'lost'));
    await registry.change('project', 'c', spec('c'));
    const before = await open();
    await untilRevision(before, 4);
    await before.close();
    registry.restore(2, kept);
    const copy = await open();
    await untilRevision(copy, 2);
    expect(descriptions(copy)).toEqual({ a: 'as made', b: 'as made' });
    expect(lines.join('\n')).toContain('set back');
    await registry.change('project', 'd', spec('d'));
    await untilRevision(copy, 3);
    await copy.close();
    expect(descriptions(await open({ isAlone: true }))).toEqual({ a: 'as made', b: 'as made', d: 'as made' });
  });

  it('begins anew with a warning when its file is damaged', async () => {
    const { registry, open, lines, directory } = await world('damaged');
    await registry.start();
    await registry.change('project', 'a', spec('a'));
    const before = await open();
    await untilRevision(before, 1);
    await before.close();
    const path = join(directory, 'webhook-relay.registry-copy');
    writeFileSync(path, readFileSync(path).subarray(0, 150));
    const copy = await open();
    expect(copy.isUsable).toBe(false);
    expect(lines.join('\n')).toContain('is damaged');
    await untilRevision(copy, 1);
    expect(registry.asked).toEqual([0, 0]);
    expect(existsSync(`${path}.damaged`)).toBe(true);
  });

  it('asks for everything when it keeps more kinds than were saved, and works with those meanwhile', async () => {
    const { registry, open } = await world('more kinds');
    await registry.start();
    await registry.change('project', 'a', spec('a'));
    await registry.change('credential', 'hook', { name: 'hook', type: 'webhook-secret' });
    const before = await open({ kinds: ['project'] });
    await untilRevision(before, 2);
    expect(() => before.all(credentialResource)).toThrow(/keeps no copy/);
    await before.close();
    const copy = await open();
    expect(descriptions(copy)).toEqual({ a: 'as made' });
    await untilRevision(copy, 2);
    expect(copy.find(credentialResource, 'hook')?.settings.type).toBe('webhook-secret');
  });

  it('sets aside what a newer registry has and it cannot read, says so, and goes on', async () => {
    const { registry, open, lines } = await world('newer');
    await registry.start();
    const copy = await open();
    await untilRevision(copy, 0);
    await registry.change('project', 'a', spec('a'));
    registry.putUnreadable('project', 'a', { name: 'a', invented: 'hunter2' });
    registry.putUnreadable('project', 'b', { name: 'b', invented: 'hunter2' });
    registry.putUnreadable('invention', 'c', { name: 'c' });
    await registry.change('project', 'd', spec('d'));
    await untilRevision(copy, 5);
    expect(descriptions(copy)).toEqual({ a: 'as made', d: 'as made' });
    expect(copy.unreadable().map(({ kind, name }) => `${kind}/${name}`)).toEqual(['project/a', 'project/b']);
    expect(lines.join('\n')).toContain('project/a');
    expect(lines.join('\n')).not.toContain('hunter2');
  });
});

describe('the secrets of a copy', () => {
  const hook = { name: 'hook', type: 'webhook-secret' };

  it('stay sealed on disk, and are opened in memory for as long as they count', async () => {
    const { registry, open, directory, learnt } = await world('secrets');
    await registry.start();
    await registry.change('credential', 'hook', hook, {
      secrets: [
        { secret: 'the new secret' },
        { secret: 'the old secret', validUntil: '2100-01-01T00:00:00.000Z' },
        { secret: 'the oldest secret', validUntil: '2000-01-01T00:00:00.000Z' },
      ],
    });
    const copy = await open();
    await untilRevision(copy, 1);
    const own = { id: expect.any(String) as string, credential: 'hook' };
    const counting = [
      { ...own, secret: 'the new secret', validUntil: undefined },
      { ...own, secret: 'the old secret', validUntil: Date.parse('2100-01-01T00:00:00.000Z') },
    ];
    expect(copy.secretsOf('hook')).toEqual(counting);
    expect(copy.secretsOf('another')).toEqual([]);
    expect(learnt).toEqual(['the new secret', 'the old secret']);
    await copy.close();
    expect(readFileSync(join(directory, 'webhook-relay.registry-copy'), 'utf8')).not.toContain('the new');
    expect((await open({ isAlone: true })).secretsOf('hook')).toEqual(counting);
  });

  it('that are sealed under a key that is not in the ring are reported, the others are used', async () => {
    const other = `other:${randomBytes(32).toString('base64')}`;
    const { registry, open, lines } = await world('keys', { ring: openKeyRing(other) });
    await registry.start();
    await registry.change('credential', 'hook', hook, { secrets: [{ secret: 'out of reach' }] });
    const copy = await open();
    await untilRevision(copy, 1);
    expect(copy.secretsOf('hook')).toEqual([]);
    copy.secretsOf('hook');
    expect(lines.filter((line) => line.includes('credential/hook'))).toHaveLength(1);
    await copy.close();
    const again = await open({ ring: openKeyRing(`${keyRingText},${other}`) });
    expect(again.secretsOf('hook')).toMatchObject([{ secret: 'out of reach' }]);
  });
});
