import { join } from 'node:path';
import { build } from 'vite';

// As deep as what is compiled, for files of the sources are found from there.
const directory = join(import.meta.dirname, '..', 'in-one-file');

/**
 * Puts a compiled program beside this one into one file with all that it imports: most of the time until a process does
 * something goes into finding and reading a thousand files.
 *
 * @returns the file
 */
export async function inOneFile(name: string): Promise<string> {
  await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: join(import.meta.dirname, name),
      outDir: directory,
      emptyOutDir: true,
      minify: false,
      // Plugins throw errors of this class, which has to be the same one for both.
      rolldownOptions: { external: ['#errors'] },
    },
  });
  return join(directory, name);
}
