import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Where the local batch system keeps what it was given. One directory for each house on a machine. */
export interface Layout {
  readonly root: string;
  /** One directory for each submission, which appears whole. */
  readonly submissions: string;
  /** Submissions that are being written. */
  readonly incoming: string;
  /** An empty file for each job that is to end. */
  readonly cancellations: string;
  /** The supervisor listens there: a name in Linux' abstract name space, which no dead process keeps. */
  readonly socket: string;
}

/** Where a house keeps its jobs; its socket is an abstract one (unix(7)), whose name has room for a hash only. */
export function layoutOf(directory: string, house: string): Layout {
  const root = join(directory, 'local-jobs', house);
  const name = createHash('sha256').update(root).digest('hex').slice(0, 32);
  return {
    root,
    submissions: join(root, 'submissions'),
    incoming: join(root, 'incoming'),
    cancellations: join(root, 'cancellations'),
    socket: `\0slipway-local-${name}`,
  };
}

/** A job's id is its submission's with its place in it: `3f0c….7`. */
export const batchIdOf = (submission: string, index: number): string => `${submission}.${index}`;

const batchId = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,6})$/;

/** Where the files of one job are, all below its submission's directory. */
export interface JobPlace {
  readonly submission: string;
  readonly index: number;
  /** The directory that the job runs in. */
  readonly work: string;
  /** What the supervisor knows of it. */
  readonly status: string;
  /** What the job's shell wrote when it ended: its exit code. */
  readonly exit: string;
  /** What the wrapper itself said. */
  readonly log: string;
}

/** Where a job lies; undefined for what is no id of this batch system. */
export function placeOf({ submissions }: Layout, id: string): JobPlace | undefined {
  const [, submission, digits] = batchId.exec(id) ?? [];
  if (submission === undefined || digits === undefined) return undefined;
  const at = (kind: string): string => join(submissions, submission, kind, digits);
  return {
    submission,
    index: Number(digits),
    work: at('work'),
    status: at('status'),
    exit: at('exit'),
    log: at('log'),
  };
}
