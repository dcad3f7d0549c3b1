import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** docs/command.md, as the compiled command tells of itself. */
export async function commandPage(dist: string): Promise<string> {
  const path = join(dist, 'apps/command/src/reference/command-page.js');
  const exported = (await import(pathToFileURL(path).href)) as { readonly commandPage: () => string };
  return exported.commandPage();
}
