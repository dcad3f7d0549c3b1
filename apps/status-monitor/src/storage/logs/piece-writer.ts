import { databaseError, preparedQuery, type PreparedQuery } from '#database';
import type { DataSource } from 'typeorm';
import type { Attempt } from '../../domain/attempt.js';
import { Batch } from '../batch.js';
import type { Packed } from './compression.js';

/** Whose log: the date says in which partition it is. */
export type LogOf = Pick<Attempt, 'id' | 'madeAt'>;

/** A piece of a log as it goes to the database. */
export interface NewPiece extends Packed {
  readonly of: LogOf;
  /** Where it begins, in bytes: as long as the log has to be by then. */
  readonly start: number;
  /** In bytes, before it was packed. */
  readonly length: number;
  readonly lines: number;
  /** Nothing may follow it. */
  readonly isCut: boolean;
}

/**
 * Pieces, once the rows of their logs were `moved`: of two who would append at the same place, the second finds that
 * done. Their bodies come as one text of bytes, which needs no escaping, one behind the other.
 */
const withPieces = (moved: string): string => `
  with sent as (
    select * from unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::int[], $5::int[], $6::boolean[], $7::boolean[],
      $8::int[], $9::int[]) as u (attempt_id, made_at, start, length, lines, is_cut, is_deflated, at, size)
  ), moved as (${moved}
  ), kept as (
    insert into log_chunk (attempt_id, made_at, start, length, is_deflated, body)
    select attempt_id, made_at, start, length, is_deflated, substring($10::bytea from at for size)
    from sent join moved using (attempt_id)
  )
  select attempt_id, lines from moved`;

const beginQuery = {
  name: 'log_begin',
  text: withPieces(`
    insert into attempt_log as known (attempt_id, made_at, bytes, lines, is_cut)
    select attempt_id, made_at, length, lines, is_cut from sent
    on conflict (attempt_id, made_at) do update
    set bytes = excluded.bytes, lines = excluded.lines, is_cut = excluded.is_cut, at = now()
    where known.bytes = 0 and not known.is_cut
    returning attempt_id, lines`),
};

const appendQuery = {
  name: 'log_append',
  text: withPieces(`
    update attempt_log l set bytes = l.bytes + s.length, lines = l.lines + s.lines, is_cut = s.is_cut, at = now()
    from sent s
    where l.attempt_id = s.attempt_id and l.made_at = s.made_at and l.bytes = s.start and not l.is_cut
    returning l.attempt_id, l.lines`),
};

/** What is larger than this goes alone: it would only keep the others waiting. */
const gatheredBytes = 64 * 2 ** 10;
const mostAtOnce = 128;

/**
 * Writes pieces of logs, each for good once its promise resolves. Those of many jobs that come while others are written
 * make one statement and one commit.
 */
export class PieceWriter {
  private readonly begins: Batch<NewPiece, number | undefined>;
  private readonly appends: Batch<NewPiece, number | undefined>;

  constructor(private readonly dataSource: DataSource) {
    this.begins = new Batch((pieces) => this.writeAll(beginQuery, pieces), mostAtOnce);
    this.appends = new Batch((pieces) => this.writeAll(appendQuery, pieces), mostAtOnce);
  }

  /**
   * @returns how many lines the log has then; undefined where it does not end where the piece begins
   * @throws temporary `database.unavailable`
   */
  async write(piece: NewPiece): Promise<number | undefined> {
    const isFirst = piece.start === 0;
    if (piece.body.length <= gatheredBytes) return (isFirst ? this.begins : this.appends).add(piece);
    const [lines] = await this.writeAll(isFirst ? beginQuery : appendQuery, [piece]);
    return lines;
  }

  /** Of several for one log the first is written: where the others belong is known only then. */
  private async writeAll(
    query: PreparedQuery,
    pieces: readonly NewPiece[],
  ): Promise<readonly (number | undefined)[]> {
    const firsts = new Map<string, NewPiece>();
    for (const piece of pieces) if (!firsts.has(piece.of.id)) firsts.set(piece.of.id, piece);
    // In one order, so that two copies of the service never wait for each other's rows in a ring.
    const values = valuesOf([...firsts.values()].sort((a, b) => (a.of.id < b.of.id ? -1 : 1)));
    const rows = await preparedQuery<Row>(this.dataSource, query, values).catch(rethrow);
    const lines = new Map(rows.map((row) => [row.attempt_id, Number(row.lines)]));
    return pieces.map((piece) => (firsts.get(piece.of.id) === piece ? lines.get(piece.of.id) : undefined));
  }
}

interface Row {
  readonly attempt_id: string;
  readonly lines: string;
}

function valuesOf(pieces: readonly NewPiece[]): readonly unknown[] {
  // The first byte is 1.
  const places: number[] = [];
  let at = 1;
  for (const { body } of pieces) {
    places.push(at);
    at += body.length;
  }
  return [
    array(pieces, ({ of }) => of.id),
    array(pieces, ({ of }) => of.madeAt.toISOString()),
    array(pieces, ({ start }) => start),
    array(pieces, ({ length }) => length),
    array(pieces, ({ lines }) => lines),
    array(pieces, ({ isCut }) => isCut),
    array(pieces, ({ isDeflated }) => isDeflated),
    `{${places.join(',')}}`,
    array(pieces, ({ body }) => body.length),
    pieces.length === 1 ? pieces[0]?.body : Buffer.concat(pieces.map(({ body }) => body)),
  ];
}

/** PostgreSQL's own writing of an array, for what needs no quotes in it. */
const array = (pieces: readonly NewPiece[], of: (piece: NewPiece) => string | number | boolean): string =>
  `{${pieces.map(of).join(',')}}`;

function rethrow(thrown: unknown): never {
  throw databaseError(thrown) ?? thrown;
}
