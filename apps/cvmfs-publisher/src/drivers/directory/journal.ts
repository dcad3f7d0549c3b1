import { chmodSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { syncDirectory, writeDurably } from '../durable-file.js';
import { entryAt, moveEntry, placeFor, pruneEmptyParents } from '../paths/real-directories.js';
import { ownDirectory } from '../paths/repository-path.js';

/** A tree or whatever else goes to a place where nothing is. `mode`: what a directory's mode is to be there. */
const move = z.object({
  kind: z.literal('move'),
  from: z.string(),
  to: z.string(),
  mode: z.number().optional(),
});
/** A link or file takes a place, over what is there; `previous` is a second name of that, to go back to. */
const replace = z.object({
  kind: z.literal('replace'),
  from: z.string(),
  to: z.string(),
  previous: z.string(),
});
const journalFile = z.object({
  transaction: z.string(),
  steps: z.array(z.discriminatedUnion('kind', [move, replace])),
});

/** One renaming, with all that is needed to do it again or to undo it. Paths are relative to the repository's root. */
export type Step = z.infer<typeof journalFile>['steps'][number];

const forward = `${ownDirectory}/journal.json`;
const back = `${ownDirectory}/journal-back.json`;

/**
 * The write-ahead journal of a directory repository. From the moment it is written the transaction is decided: whoever
 * finds it does its steps, each of which sees whether it was done already. A journal under its second name is undone
 * in the same way: renaming it turns the direction without needing any space on a full disk.
 */
export class Journal {
  constructor(
    private readonly root: string,
    private readonly onStep: (step: string) => void,
  ) {}

  /** Writes the journal and does its steps; when one fails, undoes them and throws that error. */
  commit(transaction: string, steps: readonly Step[]): void {
    this.onStep('journal');
    writeDurably(join(this.root, forward), JSON.stringify({ transaction, steps }));
    this.goForward(steps);
  }

  /** Finishes what a journal on disk says, in the direction that it says. */
  recover(): 'none' | 'rolled_back' | 'committed' {
    if (existsSync(join(this.root, back))) {
      this.goBack(this.read(back));
      return 'rolled_back';
    }
    if (!existsSync(join(this.root, forward))) return 'none';
    try {
      this.goForward(this.read(forward));
      return 'committed';
    } catch (error) {
      if (this.unfinished()) throw error;
      return 'rolled_back';
    }
  }

  /** True while a journal lies there: a transaction is neither done nor undone. */
  unfinished(): boolean {
    return existsSync(join(this.root, forward)) || existsSync(join(this.root, back));
  }

  private read(name: string): Step[] {
    return journalFile.parse(JSON.parse(readFileSync(join(this.root, name), 'utf8'))).steps;
  }

  private goForward(steps: readonly Step[]): void {
    try {
      for (const step of steps) {
        this.onStep(`${step.kind} ${step.to}`);
        doStep(this.root, step);
      }
    } catch (error) {
      renameSync(join(this.root, forward), join(this.root, back));
      this.goBack(steps);
      throw error;
    }
    this.onStep('journal done');
    this.end(forward, steps);
  }

  private goBack(steps: readonly Step[]): void {
    for (const step of steps.toReversed()) {
      this.onStep(`undo ${step.kind} ${step.to}`);
      undoStep(this.root, step);
    }
    this.end(back, steps);
  }

  private end(name: string, steps: readonly Step[]): void {
    const parents = new Set(steps.flatMap(({ from, to }) => [dirname(from), dirname(to)]));
    for (const parent of parents) {
      if (existsSync(join(this.root, parent))) syncDirectory(join(this.root, parent));
    }
    rmSync(join(this.root, name));
  }
}

function doStep(root: string, step: Step): void {
  const from = join(root, step.from);
  const to = placeFor(root, step.to);
  if (entryAt(from) !== undefined) moveEntry(from, to, modeOf(step));
  else if (entryAt(to) === undefined) throw new Error(`${step.from} has vanished`);
  else restoreMode(to, step);
  if (step.to.startsWith(`${ownDirectory}/`)) pruneEmptyParents(root, step.from);
}

function undoStep(root: string, step: Step): void {
  const from = join(root, step.from);
  const to = join(root, step.to);
  if (entryAt(from) !== undefined) return restoreMode(from, step);
  if (step.kind === 'replace') {
    const previous = join(root, step.previous);
    if (entryAt(previous) !== undefined) renameSync(previous, to);
    return;
  }
  if (entryAt(to) === undefined) return;
  moveEntry(to, placeFor(root, step.from), modeOf(step));
  pruneEmptyParents(root, step.to);
}

/** A process may have ended between a move and the setting of the mode. */
function restoreMode(path: string, step: Step): void {
  const mode = modeOf(step);
  if (mode !== undefined) chmodSync(path, mode);
}

function modeOf(step: Step): number | undefined {
  return step.kind === 'move' ? step.mode : undefined;
}
