import { databaseError, preparedQuery } from '#database';
import { temporary } from '#errors';
import type { DataSource } from 'typeorm';
import { countLines, pack, unpack } from './compression.js';
import { type LogOf, PieceWriter } from './piece-writer.js';

/** How much of a log is kept; its lines are line feeds. */
export interface LogHead {
  readonly bytes: number;
  readonly lines: number;
  /** It grew longer than is allowed: what came after is not kept, and its last line says so. */
  readonly isCut: boolean;
}

/** What became of a piece: with a gap nothing of it was kept, and the job sends from `next` on. */
export interface Appended extends LogHead {
  /** Where the job goes on, by its own count. */
  readonly next: number;
  /** What was sent does not join what is there. */
  readonly hasGap: boolean;
}

interface HeadRow {
  readonly bytes: string;
  readonly lines: string;
  readonly is_cut: boolean;
}

interface ChunkRow {
  readonly start: string;
  readonly length: number;
  readonly is_deflated: boolean;
  readonly body: Buffer;
}

const headQuery = {
  name: 'log_head',
  text: 'select bytes, lines, is_cut from attempt_log where attempt_id = $1 and made_at = $2',
};

const chunksQuery = {
  name: 'log_chunks',
  text: `
    select start, length, is_deflated, body from log_chunk
    where attempt_id = $1 and made_at = $2 and start < $4 and start >= coalesce(
      (select max(start) from log_chunk where attempt_id = $1 and made_at = $2 and start <= $3), 0)
    order by start limit 8`,
};

/** Heads that are remembered; of others the database is asked. */
const mostHeads = 50_000;
const mostTries = 8;

const nothing: LogHead = { bytes: 0, lines: 0, isCut: false };

const isWhole = ({ bytes, isCut }: LogHead, saidBytes: number): boolean => isCut || bytes >= saidBytes;

/** The logs of attempts, in compressed pieces that are never written twice. */
export class LogStore {
  private readonly heads = new Map<string, LogHead>();
  private readonly pieces: PieceWriter;

  constructor(
    private readonly dataSource: DataSource,
    /** How long one log may be, in bytes. */
    private readonly mostBytes: number,
  ) {
    this.pieces = new PieceWriter(dataSource);
  }

  /**
   * Appends what is new of a piece that begins at an offset. Pieces may come twice, overlap, and come through several
   * copies of the service at once.
   *
   * @throws temporary `database.unavailable`
   */
  async append(of: LogOf, offset: number, piece: Buffer): Promise<Appended> {
    // Where it begins at the beginning there is most likely nothing yet; if there is, the write finds out.
    const isFirst = offset === 0 && piece.length > 0;
    let head = this.heads.get(of.id) ?? (isFirst ? nothing : await this.head(of));
    for (let tries = 0; tries < mostTries; tries++) {
      const end = offset + piece.length;
      if (head.isCut) return { ...head, next: end, hasGap: false };
      if (offset > head.bytes) {
        // Another copy of the service may have taken what came before.
        const known = head.bytes;
        head = await this.head(of);
        if (head.bytes > known) continue;
        return { ...head, next: head.bytes, hasGap: true };
      }
      const fresh = piece.subarray(head.bytes - offset);
      if (fresh.length === 0) return { ...head, next: head.bytes, hasGap: false };
      const after = await this.write(of, head, this.withinLimit(head, fresh));
      if (after) return { ...after, next: end, hasGap: false };
      head = await this.head(of);
    }
    throw temporary('log.contended', 'the log grew under every try to append to it', { subject: of.id });
  }

  /** How long a log is now. */
  async head(of: LogOf): Promise<LogHead> {
    const [row] = await this.rows<HeadRow>(headQuery, [of.id, of.madeAt]);
    if (!row) return nothing;
    const head = { bytes: Number(row.bytes), lines: Number(row.lines), isCut: row.is_cut };
    this.remember(of.id, head);
    return head;
  }

  /** Once the job has said how long its log is: what did not arrive by then is lost, and the log says so. */
  async noteEnd(of: LogOf, saidBytes: number): Promise<LogHead> {
    // What is remembered may be too little, never too much.
    const known = this.heads.get(of.id);
    const head = known && isWhole(known, saidBytes) ? known : await this.head(of);
    if (isWhole(head, saidBytes)) return head;
    const notice = `\n\u001b[31;1mslipway: the last ${saidBytes - head.bytes} bytes of the log did not arrive\u001b[0m\n`;
    // As if it were cut: a call that is still on its way must not write behind the notice.
    return (await this.write(of, head, Buffer.from(notice), true)) ?? (await this.head(of));
  }

  /** The bytes from one place to before another, in pieces. */
  async *read(of: LogOf, from: number, until: number): AsyncGenerator<Buffer> {
    let at = from;
    while (at < until) {
      const rows = await this.rows<ChunkRow>(chunksQuery, [of.id, of.madeAt, at, until]);
      if (rows.length === 0) return;
      for (const row of rows) {
        const start = Number(row.start);
        const piece = await unpack({ isDeflated: row.is_deflated, body: row.body });
        yield piece.subarray(Math.max(0, at - start), until - start);
        at = Math.min(start + row.length, until);
      }
    }
  }

  private async write(
    of: LogOf,
    head: LogHead,
    piece: Buffer,
    isCut = head.bytes + piece.length > this.mostBytes,
  ): Promise<LogHead | undefined> {
    const { bytes: start } = head;
    const { length } = piece;
    const packed = await pack(piece);
    const lines = await this.pieces.write({ of, start, length, lines: countLines(piece), isCut, ...packed });
    if (lines === undefined) return undefined;
    const after = { bytes: start + length, lines, isCut };
    this.remember(of.id, after);
    return after;
  }

  /** What is cut is cut with a word about it, never silently. */
  private withinLimit({ bytes }: LogHead, fresh: Buffer): Buffer {
    const room = this.mostBytes - bytes;
    if (fresh.length <= room) return fresh;
    const notice = `\n\u001b[31;1mslipway: the log is cut here, for it is longer than the ${this.mostBytes} bytes that are kept\u001b[0m\n`;
    return Buffer.concat([fresh.subarray(0, Math.max(0, room)), Buffer.from(notice)]);
  }

  private remember(id: string, head: LogHead): void {
    this.heads.delete(id);
    this.heads.set(id, head);
    if (this.heads.size > mostHeads)
      for (const oldest of this.heads.keys()) return void this.heads.delete(oldest);
  }

  private async rows<Row extends object>(
    query: { readonly name: string; readonly text: string },
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    try {
      return await preparedQuery<Row>(this.dataSource, query, values);
    } catch (thrown) {
      throw databaseError(thrown) ?? thrown;
    }
  }
}
