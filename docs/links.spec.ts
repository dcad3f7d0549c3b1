import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** Targets of Markdown links that lead to files of the project. */
const linksIn = (text: string): readonly string[] =>
  [...text.replace(/```[\s\S]*?```|`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(?:[a-z]+:|#)/.test(target));

describe('the pages', () => {
  it.each(pages)('%s links to files that exist', (page) => {
    const links = linksIn(readFileSync(join(root, page), 'utf8'));
    const missing = links.filter((link) => !existsSync(join(root, dirname(page), link.split('#')[0] ?? '')));
    expect(missing).toEqual([]);
  });

  it('are all reached by links from the README and AGENTS.md', () => {
    const reached = new Set(['README.md', 'AGENTS.md', 'docs/architecture.md']);
    for (const page of reached)
      for (const link of linksIn(readFileSync(join(root, page), 'utf8'))) {
        const target = join(dirname(page), link.split('#')[0] ?? '');
        if (pages.includes(target)) reached.add(target);
      }
    expect(pages.filter((page) => !reached.has(page))).toEqual([]);
  });

  // The formatter makes quotations and rows of a table of such marks, so that neither git nor the eye finds them.
  it.each(pages)('%s holds nothing that a merge left behind', (page) => {
    const left = readFileSync(join(root, page), 'utf8')
      .split('\n')
      .filter((line) => /^(?:\| )?(?:<{7}|={7}|(?:> ?){7}|\|{7})(?: |$)/.test(line));
    expect(left).toEqual([]);
  });
});
