import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Indexes of layers, kept by digest in a directory of their own. Any of them may be removed at any time. */
export class LayerIndexes {
  constructor(private readonly directory: string) {}

  /** Where a layer's index is; undefined when there is none. */
  async find(digest: string): Promise<string | undefined> {
    const path = this.pathOf(digest);
    if (path === undefined) return undefined;
    return access(path).then(
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
    if (path !== undefined) await rename(draft, path);
  }

  async drop(draft: string): Promise<void> {
    await rm(draft, { force: true });
  }

  /** Forgets an index that turned out to be damaged. */
  async forget(digest: string): Promise<void> {
    const path = this.pathOf(digest);
    if (path !== undefined) await rm(path, { force: true });
  }

  private pathOf(digest: string): string | undefined {
    const match = /^([a-z0-9]+):([0-9a-f]{32,128})$/.exec(digest);
    return match === null ? undefined : join(this.directory, `${match[1]}-${match[2]}.index`);
  }
}
