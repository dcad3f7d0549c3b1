import { crc32 } from 'node:zlib';
import type { DataSource } from 'typeorm';
import type { CiJobRecord, DeliveryPlace, LastLine } from '../domain/ci-job.js';
import { type Held, leaseLost } from './ci-job.store.js';

/** Where reading the log has come to. */
export interface LogPlace {
  readonly attempt: number;
  readonly offset: number;
}

/** What is so with the bytes. */
export interface Appended {
  readonly place: LogPlace;
  /** The trace is as long as it may be. */
  readonly isCut: boolean;
  /** Its last line is in it. */
  readonly isClosed: boolean;
  readonly lastLine: LastLine;
  /** What it tells of the artifacts' way to GitLab. */
  readonly delivery: DeliveryPlace;
}

/** What GitLab is to have of a trace, already masked: it can be sent again from any byte on. */
export class TraceStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Appends, and moves on in the log with it; `job` says afterwards what is so. */
  async append(
    held: Held,
    job: CiJobRecord,
    bytes: Buffer,
    {
      place = { attempt: job.logAttempt, offset: job.logOffset },
      isCut = job.isTraceCut,
      isClosed = job.isTraceClosed,
      lastLine = job.lastLine,
      delivery = job.delivery,
    }: Partial<Appended> = {},
  ): Promise<void> {
    const crc = crc32(bytes, job.traceCrc);
    const rows = await this.dataSource.query<unknown[]>(
      `with moved as (
         update ci_job set trace_bytes = trace_bytes + length($4::bytea), trace_crc = $5, trace_acked = $6,
           log_attempt = $7, log_offset = $8, is_trace_cut = $9, is_trace_closed = $10, last_line = $11, delivery = $12
         where id = $1 and holder = $2 and trace_bytes = $3 and phase <> 'over' returning id),
       added as (
         insert into trace_piece (ci_job, at, bytes) select id, $3, $4 from moved where length($4::bytea) > 0)
       select id from moved`,
      [
        held.id,
        held.holder,
        job.traceBytes,
        bytes,
        crc,
        job.traceAcked,
        place.attempt,
        place.offset,
        isCut,
        isClosed,
        lastLine,
        JSON.stringify(delivery),
      ],
    );
    if (rows.length === 0) throw leaseLost();
    job.traceBytes += bytes.length;
    job.traceCrc = crc;
    job.logAttempt = place.attempt;
    job.logOffset = place.offset;
    job.isTraceCut = isCut;
    job.isTraceClosed = isClosed;
    job.lastLine = lastLine;
    job.delivery = delivery;
  }

  /** From a byte on, at most so many, at least one where there is one. */
  async read(ciJob: string, from: number, most: number): Promise<Buffer> {
    const rows = await this.dataSource.query<{ at: string; bytes: Buffer }[]>(
      `select at, bytes from trace_piece
       where ci_job = $1 and at + length(bytes) > $2 and at < $2 + $3 order by at`,
      [ciJob, from, most],
    );
    const [first] = rows;
    if (!first) return Buffer.alloc(0);
    const whole = Buffer.concat(rows.map(({ bytes }) => bytes));
    const start = from - Number(first.at);
    return whole.subarray(start, start + most);
  }
}
