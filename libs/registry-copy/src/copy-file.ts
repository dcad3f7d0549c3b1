import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResourceKind } from '#contracts';
import { permanent } from '#errors';
import type { Dump } from './copy-state.js';

/** What a file holds. */
export interface Saved extends Dump {
  /** The kinds that its writer kept. */
  readonly kinds: readonly ResourceKind[];
}

const format = 'slipway-registry-copy 1';
const header = /^slipway-registry-copy 1 (\d+) ([0-9a-f]{64})$/;
/** What a process that died left half written is removed when it is older than this, in milliseconds. */
const abandonedMs = 3_600_000;

/**
 * A copy on disk: a line with the format, the revision and a SHA-256, and what is known as JSON on the next. Replaced as
 * a whole, durably, readable by its owner alone. Several processes of a service may share it: none replaces what is
 * newer than what it has itself.
 */
export class CopyFile {
  readonly path: string;

  constructor(
    private readonly directory: string,
    service: string,
  ) {
    this.path = join(directory, `${service}.registry-copy`);
  }

  /** Makes the directory where it is absent. Throws permanent `registry_copy.directory` where it cannot be written to. */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      await access(this.directory, constants.R_OK | constants.W_OK | constants.X_OK);
      await this.removeAbandoned();
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw permanent(
        'registry_copy.directory',
        `the directory ${this.directory} cannot be written to (${reason}): what the registry says is kept there, so that a restart needs nobody. Make it writable, or name another in SLIPWAY_STATE_DIRECTORY.`,
        { cause },
      );
    }
  }

  /**
   * What was saved; undefined where there is no file. A file that is damaged is set aside under another name, for
   * people to look at, and `damaged` is called with the reason.
   */
  async load(damaged: (reason: string, keptAs: string) => void): Promise<Saved | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw permanent('registry_copy.unreadable', `${this.path} cannot be read: ${String(error)}`, {
        cause: error,
      });
    }
    const saved = parse(text);
    if (typeof saved !== 'string') return saved;
    const keptAs = `${this.path}.damaged`;
    await rename(this.path, keptAs);
    damaged(saved, keptAs);
    return undefined;
  }

  /** Replaces the file, unless another process has saved a newer revision; `always` replaces that too. */
  async save(saved: Saved, always: boolean): Promise<void> {
    if (!always && (await this.savedRevision()) > saved.complete) return;
    const body = JSON.stringify(saved);
    const fresh = `${this.path}.${randomUUID()}.new`;
    try {
      const file = await open(fresh, 'wx', 0o600);
      try {
        await file.writeFile(`${format} ${saved.complete} ${sha256(body)}\n${body}`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, this.path);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  private async savedRevision(): Promise<number> {
    try {
      const file = await open(this.path, 'r');
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(200), 0, 200, 0);
        const [line = ''] = buffer.toString('utf8', 0, bytesRead).split('\n');
        return Number(header.exec(line)?.[1] ?? -1);
      } finally {
        await file.close();
      }
    } catch {
      return -1;
    }
  }

  private async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.directory)) {
      const path = join(this.directory, name);
      if (!path.startsWith(`${this.path}.`) || !path.endsWith('.new')) continue;
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs > abandonedMs) await rm(path, { force: true });
    }
  }
}

/** What the text holds, or why it is damaged. */
function parse(text: string): Saved | string {
  const end = text.indexOf('\n');
  const [, , sum] = header.exec(text.slice(0, Math.max(0, end))) ?? [];
  if (sum === undefined) return 'its first line is not that of a copy of this format';
  const body = text.slice(end + 1);
  if (sha256(body) !== sum) return 'it is not what was written: its check sum differs';
  // The check sum says that this program wrote it, of whatever version: the format stands in the first line.
  return JSON.parse(body) as Saved;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
