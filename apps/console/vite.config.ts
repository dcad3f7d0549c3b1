import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { unusedStyles } from './unused-styles.js';

const compressors = { br: promisify(brotliCompress), gz: promisify(gzip) };

/** Puts a compressed file beside each text file: the service then sends it as it is, at no cost per request. */
function compressed(): Plugin {
  return {
    name: 'slipway:compressed',
    apply: 'build',
    async writeBundle({ dir = '.' }) {
      const names = await readdir(dir, { recursive: true });
      const texts = names.filter((name) => /\.(?:js|css|svg)$/.test(name));
      await Promise.all(
        texts.flatMap((name) =>
          Object.entries(compressors).map(async ([ending, compress]) => {
            const path = join(dir, name);
            await writeFile(`${path}.${ending}`, await compress(await readFile(path)));
          }),
        ),
      );
    },
  };
}

/** The page's build: `npm run build:console` writes dist/console, which the registry serves. */
export default defineConfig({
  root: import.meta.dirname,
  // `#contracts` and `#api` are read from their sources.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  plugins: [unusedStyles(), compressed()],
  // `npx vite apps/console`: the page as it is written, on a registry that runs on its usual port.
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/auth': 'http://127.0.0.1:8080' } },
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    // One style sheet, which the page itself names and no script does.
    cssCodeSplit: false,
    target: 'es2023',
    // The content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      // Nothing of the vocabulary does anything when it is read: what the page does not use, it need not carry.
      treeshake: { moduleSideEffects: [{ test: /\/libs\/(?:contracts|api)\/src\//, sideEffects: false }] },
      // 'use client' means something to servers that render pages; here all is the client.
      checks: { moduleLevelDirective: false },
    },
  },
});
