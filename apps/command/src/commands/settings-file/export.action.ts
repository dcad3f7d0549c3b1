import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { resources } from '#contracts';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { usage } from '../../errors/usage.js';
import { pastTime } from '../../times.js';
import { counted } from '../../output/words.js';
import type { ResourceState } from '../resources/resource.js';

/** `slipway export`. */
export const exportSettings: Action = async (context, input) => {
  const { out } = context;
  const at = input.text('at');
  const query = at === undefined ? {} : { at: pastTime(at, 'at', context.now()) };
  const registry = registryOf(context);
  const sections: [string, unknown[]][] = [];
  for (const { plural, section } of resources) {
    const items = await registry.all<ResourceState>(`/${plural}`, query);
    if (items.length > 0) sections.push([section, items.map(({ spec }) => spec)]);
  }
  const file = Object.fromEntries(sections);
  const text = `# What the registry at ${registry.address.url} holds. Secrets are not in it: applying it leaves them as they are.\n${stringify(file, { lineWidth: 0 })}`;
  const path = input.text('output');
  if (path === undefined) {
    await out.result(file, () => text.trimEnd());
    return;
  }
  try {
    writeFileSync(path, out.json ? `${JSON.stringify(file, null, 2)}\n` : text);
  } catch (error) {
    throw usage(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
  const count = sections.reduce((sum, [, items]) => sum + items.length, 0);
  await out.result({ written: path, count }, () => `wrote ${counted(count, 'thing')} to ${path}`);
};
