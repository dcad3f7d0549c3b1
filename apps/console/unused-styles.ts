import { createHash } from 'node:crypto';
import { type Selector, type SelectorComponent, transform } from 'lightningcss';
import type { Plugin } from 'vite';

/** How the component library names the classes of its style sheets: the same words stand in its scripts. */
const ofLibrary = /\bm_[0-9a-f]{5,9}\b/g;

/**
 * Leaves out the styles of components that the page does not have: the library's style sheet holds those of all, and
 * the scripts, from which the unused ones are gone already, tell which classes there can be.
 */
export function unusedStyles(): Plugin {
  return {
    name: 'slipway:unused-styles',
    apply: 'build',
    generateBundle: {
      // When the page that names the style sheet is there.
      order: 'post',
      handler(_options, bundle) {
        const files = Object.values(bundle);
        const scripts = files.flatMap((file) => (file.type === 'chunk' ? [file.code] : []));
        const known = new Set(scripts.flatMap((code) => code.match(ofLibrary) ?? []));
        const assets = files.flatMap((file) => (file.type === 'asset' ? [file] : []));
        for (const { fileName, source } of assets.filter((asset) => asset.fileName.endsWith('.css'))) {
          if (scripts.some((code) => code.includes(fileName)))
            throw new Error(`${fileName} is named by a script, whose own name would have to change with it`);
          const left = withoutUnused(fileName, Buffer.from(source), known);
          const renamed = fileName.replace(/-[^-]+\.css$/, `-${hashOf(left)}.css`);
          delete bundle[fileName];
          this.emitFile({ type: 'asset', fileName: renamed, source: left });
          for (const page of assets.filter((asset) => asset.fileName.endsWith('.html')))
            page.source = Buffer.from(page.source).toString('utf8').replaceAll(fileName, renamed);
        }
      },
    },
  };
}

/** Browsers keep a file for good under its name, which therefore tells what is in it. */
const hashOf = (content: Uint8Array): string =>
  createHash('sha256').update(content).digest('base64url').slice(0, 8).replaceAll('-', '_');

function withoutUnused(filename: string, code: Uint8Array, known: ReadonlySet<string>): Uint8Array {
  const isDead = (selector: Selector): boolean => selector.some((part) => isDeadPart(part));
  const isDeadPart = (part: SelectorComponent): boolean => {
    if (part.type === 'class') return part.name.search(ofLibrary) === 0 && !known.has(part.name);
    if (part.type !== 'pseudo-class') return false;
    return (part.kind === 'is' || part.kind === 'where') && part.selectors.every(isDead);
  };
  return transform({
    filename,
    code,
    minify: true,
    visitor: {
      Rule: {
        style: ({ value }) => (value.selectors.every(isDead) ? [] : undefined),
      },
    },
  }).code;
}
