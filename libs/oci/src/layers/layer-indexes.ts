import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const dayMs = 24 * 60 * 60 * 1000;
const unusedMs = 30 * dayMs;

/** Indexes of layers, kept by digest in a directory of their own. Any of them may be removed at any time. */
export class LayerIndexes {
  constructor(private readonly directory: string) {}

  /** Where a layer's index is; undefined when there is none. */
  async find(digest: string): Promise<string | undefined> {
    const path = this.pathOf(digest);
    if (path === undefined) return undefined;
    const now = new Date();
    return utimes(path, now, now).then(
      () => path,
      () => undefined,
    );
  }

  /** A name for an index that is being written; undefined for a digest that is none. */
  async draft(digest: string): Promise<string | undefined> {
    const path = this.pathOf(digest);
    if (path === undefined) return undefined;
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    return `${path}.${randomUUID()}.draft`;
  }

  /** A draft whose layer is verified becomes its index. */
  async keep(draft: string, digest: string): Promise<void> {
    const path = this.pathOf(digest);
    if (path === undefined) return;
    await rename(draft, path);
    await this.removeUnused();
  }

  async drop(draft: string): Promise<void> {
    await rm(draft, { force: true });
  }

  /** Forgets an index that turned out to be damaged. */
  async forget(digest: string): Promise<void> {
    const path = this.pathOf(digest);
    if (path !== undefined) await rm(path, { force: true });
  }

  /** Once a day: removes what nobody asked for in a month, and drafts that a crash left. */
  private async removeUnused(): Promise<void> {
    const mark = join(this.directory, 'last-cleaned');
    if (await isYounger(mark, dayMs)) return;
    await writeFile(mark, '');
    for (const name of await readdir(this.directory)) {
      const path = join(this.directory, name);
      const age = name.endsWith('.draft') ? dayMs : unusedMs;
      if (!(await isYounger(path, age))) await rm(path, { force: true });
    }
  }

  private pathOf(digest: string): string | undefined {
    const match = /^([a-z0-9]+):([0-9a-f]{32,128})$/.exec(digest);
    return match === null ? undefined : join(this.directory, `${match[1]}-${match[2]}.index`);
  }
}

async function isYounger(path: string, ageMs: number): Promise<boolean> {
  const modified = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  return Date.now() - modified < ageMs;
}
