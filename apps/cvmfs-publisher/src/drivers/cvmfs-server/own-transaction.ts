import { readFileSync, rmSync, statSync } from 'node:fs';
import { z } from 'zod';
import { writeDurably } from '../durable-file.js';

/** Which flag file: another transaction has another file or at least another time. */
const flagIdentity = z.object({ inode: z.number(), modifiedMs: z.number() });

const ownTransaction = z.object({
  id: z.string(),
  phase: z.enum(['opening', 'open', 'publishing']),
  /** When it was begun to be opened, in milliseconds since 1970. */
  startedMs: z.number(),
  /** Root hash of the repository before: after a crash it tells whether the publish came through. */
  rootHash: z.string(),
  /** Known from phase `open` on. */
  flag: flagIdentity.optional(),
});

/** What the publisher notes on disk about its open transaction, so that whoever comes after a crash knows whose it is. */
export type OwnTransaction = z.infer<typeof ownTransaction>;

/** The note, one per repository. Read and written under the repository's lock only. */
export class OwnTransactionNote {
  constructor(private readonly path: string) {}

  read(): OwnTransaction | undefined {
    try {
      return ownTransaction.parse(JSON.parse(readFileSync(this.path, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  write(note: OwnTransaction): void {
    writeDurably(this.path, JSON.stringify(note));
  }

  clear(): void {
    rmSync(this.path, { force: true });
  }
}

/** Identity of the flag file that `cvmfs_server` keeps while a transaction is open; undefined when none is. */
export function flagAt(path: string): OwnTransaction['flag'] {
  const entry = statSync(path, { throwIfNoEntry: false });
  return entry === undefined ? undefined : { inode: entry.ino, modifiedMs: entry.mtimeMs };
}

/** An opening that was cut off is over by then: a flag that is younger cannot come from it. */
const longestOpeningMs = 10_000;
/** Times of files come from a clock that ticks more coarsely than ours. */
const clockTickMs = 1_000;

/**
 * Whether the transaction that is open now is the noted one. While it was being opened nothing was known of the flag
 * yet: then the tool's exit code decides (`undefined`: the tool was killed before it could end), and failing that,
 * whether the flag was made in the few seconds in question.
 */
export function isOwn(
  note: OwnTransaction,
  flag: OwnTransaction['flag'],
  exitCode: number | undefined,
): boolean {
  if (flag === undefined) return false;
  if (note.flag !== undefined) {
    return flag.inode === note.flag.inode && flag.modifiedMs === note.flag.modifiedMs;
  }
  const age = flag.modifiedMs - note.startedMs;
  if (exitCode !== undefined) return exitCode === 0 && age >= -clockTickMs;
  return age >= -clockTickMs && age <= longestOpeningMs;
}
