/** `npm run docs` writes the generated pages; with `--check` it exits 1 where the committed ones are stale. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { messages, queues } from '#contracts';
import { slipwayVersion } from '#service';
import { slipwayFile } from '#settings';
import { brokerDefinitions, defaultHouse } from '#bus';
import { asyncApi } from './generator/asyncapi.js';
import { brokerPage } from './generator/broker-page.js';
import { commandPage } from './generator/command-page.js';
import { configurationPage } from './generator/configuration-page.js';
import type { FieldSchema } from './generator/field-table.js';
import { messagesPage } from './generator/messages-page.js';
import { serviceSettings } from './generator/service-settings.js';

const dist = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const root = resolve(dist, '..');

/** Every generated page by its path from the root. A new one is a line here. */
async function pages(): Promise<Readonly<Record<string, string>>> {
  const schema = z.toJSONSchema(slipwayFile, { io: 'input' });
  const example = readFileSync(join(root, 'docs/example-slipway.yml'), 'utf8');
  const services = await serviceSettings(dist);
  const readers = Object.values(queues);
  return {
    'docs/messages.md': messagesPage(messages, readers),
    'docs/reference/asyncapi.json': json(asyncApi(messages, readers, slipwayVersion())),
    'docs/broker.md': brokerPage(defaultHouse),
    'docs/reference/rabbitmq-definitions.json': json(brokerDefinitions(defaultHouse)),
    'docs/command.md': await commandPage(dist),
    'docs/configuration.md': configurationPage({ file: schema as FieldSchema, example, services }),
    'docs/reference/slipway.schema.json': json({ title: 'slipway.yml', ...schema }),
  };
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);

const check = process.argv.includes('--check');
for (const [path, text] of Object.entries(await pages())) {
  const file = join(root, path);
  const formatted = await format(text, { ...(await resolveConfig(file)), filepath: file });
  const current = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (current === formatted) continue;
  if (check) {
    console.error(`${path} is stale: run "npm run docs" and commit what it writes`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, formatted);
    console.log(`wrote ${path}`);
  }
}
