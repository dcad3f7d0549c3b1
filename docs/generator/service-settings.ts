import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConfigDefinition } from '#service';
import type { ServiceSettings } from './configuration-page.js';

/** The settings of every service: what `defineConfig` made in each `apps/<name>/src/config.ts`, compiled. */
export async function serviceSettings(dist: string): Promise<readonly ServiceSettings[]> {
  const found: ServiceSettings[] = [];
  for (const service of readdirSync(join(dist, 'apps')).sort()) {
    const path = join(dist, 'apps', service, 'src/config.js');
    if (!existsSync(path)) continue;
    const exported = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    const config = Object.values(exported).find(isConfig);
    if (!config) throw new Error(`apps/${service}/src/config.ts exports no defineConfig(…)`);
    found.push({ service, settings: config.settings });
  }
  return found;
}

const isConfig = (value: unknown): value is ConfigDefinition =>
  typeof value === 'object' && value !== null && 'settings' in value && 'read' in value;
