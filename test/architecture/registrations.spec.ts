import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type Message, messages, queues, cvmfsDriverKinds, sourceKinds } from '#contracts';
import { root } from './source-files.js';

/** What a compiled module of an application exports. */
async function exportsOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  return (await import(join(root, 'dist', path))) as Record<string, unknown>;
}

/** Files below a folder of the sources that end so, without that ending. */
function namesOf(folder: string, ending: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => basename(path, ending))
    .sort();
}

const kindsOf = (list: unknown): readonly string[] =>
  z
    .array(z.looseObject({ kind: z.string().min(1) }))
    .parse(list)
    .map(({ kind }) => kind)
    .sort();

describe('messages', () => {
  it('are all registered: one file, one line', async () => {
    const exported: unknown[] = [];
    for (const name of namesOf('libs/contracts/src/messages', '.ts')) {
      const values = Object.values(await exportsOf(`libs/contracts/src/messages/${name}.js`));
      exported.push(...values.filter((value) => isMessage(value)));
    }
    expect(new Set(exported)).toEqual(new Set(messages));
  });

  it('have types and routing keys of their own', () => {
    expect(new Set(messages.map(({ type }) => type)).size).toBe(messages.length);
    expect(new Set(messages.map(({ routingKey }) => routingKey)).size).toBe(messages.length);
  });

  it.each(messages.map((message) => [message.routingKey, message] as const))(
    '%s says what it means, and can be told as JSON Schema',
    (_routingKey, message) => {
      expect(message.means.length).toBeGreaterThan(20);
      // A command may be there for services of a site alone.
      if (message.kind !== 'command') expect(message.saidBy).not.toEqual([]);
      expect(z.toJSONSchema(message.schema, { io: 'input' })).toMatchObject({ type: 'object' });
    },
  );
});

describe('queues', () => {
  it('are named after the service that reads them, which exists', () => {
    for (const { name, service } of Object.values(queues)) {
      expect(name).toMatch(new RegExp(`^${service}\\.[a-z-]+$`));
      expect(existsSync(join(root, 'apps', service))).toBe(true);
    }
  });

  it('hear registered messages', () => {
    for (const { hears } of Object.values(queues))
      expect(messages).toEqual(expect.arrayContaining([...hears]));
  });

  it('are where every command has its one owner', () => {
    for (const command of messages.filter(({ kind }) => kind === 'command'))
      expect(Object.values(queues).filter(({ hears }) => hears.includes(command))).toHaveLength(1);
  });
});

describe('CVMFS drivers', () => {
  it('are all registered, and slipway.yml knows the same ones', async () => {
    const { drivers } = await exportsOf('apps/cvmfs-publisher/src/drivers/index.js');
    expect(kindsOf(drivers)).toHaveLength(namesOf('apps/cvmfs-publisher/src/drivers', '.driver.ts').length);
    expect(kindsOf(drivers)).toEqual([...cvmfsDriverKinds].sort());
  });
});

describe('webhook sources', () => {
  it('are all registered, and slipway.yml knows the same ones', async () => {
    const exported = await exportsOf('apps/webhook-relay/src/sources/index.js');
    expect(kindsOf(exported['sourceKinds'])).toEqual(namesOf('apps/webhook-relay/src/sources', '.source.ts'));
    expect(kindsOf(exported['sourceKinds'])).toEqual([...sourceKinds].sort());
  });
});

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && 'routingKey' in value;
