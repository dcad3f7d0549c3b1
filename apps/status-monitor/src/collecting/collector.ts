import { constants } from 'node:fs';
import { type FileHandle, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { GridBackend } from '#grid';
import type { Attempt } from '../domain/attempt.js';
import type { Report } from '../domain/report.js';
import { endReport, readLines } from '../http/worker/worker-lines.js';
import type { Ledger } from '../ledger/ledger.js';
import type { LogNews } from '../live/log-news.js';
import type { LogStore } from '../storage/logs/log.store.js';
import { diskCodeOf } from '../storage/disk-code.js';
import type { OutputStore, Storing } from '../storage/outputs/output.store.js';

/** Where what was brought back goes: the same places as what jobs send themselves. */
export interface CollectorParts {
  readonly ledger: Pick<Ledger, 'report' | 'alive' | 'written'>;
  readonly logs: LogStore;
  readonly outputs: OutputStore;
  readonly news: Pick<LogNews, 'ended'>;
  /** Where what comes back lies meanwhile. */
  readonly directory: string;
}

const withinMs = 600_000;
const pieceBytes = 1 << 20;
const endBytes = 16_384;

/**
 * For jobs whose worker nodes have no way out: what the batch system brought back goes where the jobs themselves would
 * have sent it. Done twice it changes nothing.
 */
export class TransferCollector {
  constructor(private readonly parts: CollectorParts) {}

  async collect(attempt: Attempt, grid: Pick<GridBackend, 'collect'>): Promise<void> {
    const { ledger, logs, news } = this.parts;
    if (attempt.batchId === undefined) return;
    await mkdir(this.parts.directory, { recursive: true });
    const directory = await mkdtemp(join(this.parts.directory, 'collected-'));
    try {
      await grid.collect(attempt.batchId, directory, { signal: AbortSignal.timeout(withinMs) });
      await this.log(attempt, directory);
      const end = await whole(join(directory, 'slipway-end'), endBytes);
      const values = readLines(end);
      const { logBytes = 0, ...said } = endReport(values, new Date());
      const stored = await this.storeOutputs(attempt, directory, values.get('sha256'));
      const outputBytes = stored?.kind === 'stored' ? stored.zipBytes : undefined;
      const report = stored?.kind === 'refused' ? withoutOutputs(said, stored.why) : said;
      const head = await logs.noteEnd(attempt, end === '' ? 0 : logBytes);
      ledger.alive(attempt, { logBytes: head.bytes, logLines: head.lines, outputBytes });
      await ledger.written();
      // Without its own word, that of the batch system counts.
      if (end !== '') await ledger.report(attempt.id, report);
      news.ended(attempt, head.bytes);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  private async log(attempt: Attempt, directory: string): Promise<void> {
    const file = await plainFile(join(directory, 'slipway.log'));
    if (!file) return;
    try {
      let { bytes: at } = await this.parts.logs.head(attempt);
      const buffer = Buffer.alloc(pieceBytes);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, pieceBytes, at);
        if (bytesRead === 0) return;
        const { next, isCut } = await this.parts.logs.append(attempt, at, buffer.subarray(0, bytesRead));
        if (isCut) return;
        at = next;
      }
    } finally {
      await file.close();
    }
  }

  private async storeOutputs(
    attempt: Attempt,
    directory: string,
    saidSha256: string | undefined,
  ): Promise<Storing | undefined> {
    const file = await plainFile(join(directory, 'slipway-outputs.tar.gz'));
    if (!file) return undefined;
    try {
      const { size } = await file.stat();
      if (size === 0) return undefined;
      const hash = createHash('sha256');
      const reading = { autoClose: false, start: 0 };
      for await (const piece of file.createReadStream(reading) as AsyncIterable<Buffer>) hash.update(piece);
      const promised = { size, sha256: saidSha256 || hash.digest('hex') };
      return await this.parts.outputs.store(attempt, file.createReadStream(reading), promised);
    } finally {
      await file.close();
    }
  }
}

/** A job that went well, but whose outputs nobody can have. */
function withoutOutputs(said: Report, why: string): Report {
  if (said.state !== 'succeeded') return said;
  return { ...said, state: 'failed', reason: { fault: 'output-missing', words: `the outputs: ${why}` } };
}

/** A job may leave a link to somebody else's file under any name: it is not followed. */
async function plainFile(path: string): Promise<FileHandle | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return undefined;
  } catch (thrown) {
    const code = diskCodeOf(thrown);
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENXIO') return undefined;
    throw thrown;
  }
}

async function whole(path: string, mostBytes: number): Promise<string> {
  const file = await plainFile(path);
  if (!file) return '';
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
