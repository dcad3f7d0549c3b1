import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { permanent } from '#errors';
import { directoryMode, existing } from '../paths/real-directories.js';
import { refused } from '../paths/repository-path.js';
import type { Step } from './journal.js';

interface Put {
  readonly kind: 'tree' | 'link' | 'file';
  /** Where it was prepared, relative to the repository's root. */
  readonly from: string;
}

/** What a transaction of a directory repository is to change: recorded while it is open, made into steps at its end. */
export class Changes {
  private readonly puts = new Map<string, Put>();
  private readonly removals = new Set<string>();
  private names = 0;

  /** `workspace` and `trash`: directories for what comes and what goes, relative to the root. */
  constructor(
    private readonly root: string,
    private readonly workspace: string,
    private readonly trash: string,
  ) {}

  /** A fresh path in the workspace, relative to the root. */
  fresh(): string {
    return `${this.workspace}/${this.names++}`;
  }

  /** Records that `relative` is to come. Throws when that cannot be together with what is there or is to come. */
  put(relative: string, put: Put): void {
    this.refuseOverlap(relative);
    const there = existing(this.root, relative);
    const goes = this.removals.has(relative);
    const pending = this.puts.get(relative);
    const taken = there !== undefined && !goes && (put.kind === 'tree' || there.isDirectory());
    if (taken || pending?.kind === 'tree' || (pending !== undefined && put.kind === 'tree')) {
      throw permanent('cvmfs.exists', `${relative} exists already.`);
    }
    this.puts.set(relative, put);
  }

  /** Records that `relative` is to go; gives back what was to come there. */
  remove(relative: string): Put | undefined {
    this.refuseOverlap(relative);
    const pending = this.puts.get(relative);
    this.puts.delete(relative);
    if (existing(this.root, relative) !== undefined) this.removals.add(relative);
    return pending;
  }

  /** The new tree that `relative` is, or lies in. */
  treeAround(relative: string): { readonly tree: string; readonly from: string } | undefined {
    for (const [tree, put] of this.puts) {
      if (put.kind === 'tree' && (relative === tree || relative.startsWith(`${tree}/`))) {
        return { tree, from: put.from };
      }
    }
    return undefined;
  }

  /**
   * The steps, in an order in which a reader never sees a link to what is not there: what must make room, trees,
   * files, links, and what else goes: links before trees.
   */
  steps(): Step[] {
    const goes = [...this.removals];
    const makesRoom = goes.filter((path) => this.puts.has(path) && !this.isReplaced(path));
    const rest = goes.filter((path) => !this.puts.has(path));
    const isTree = (path: string) => Number(existing(this.root, path)?.isDirectory() === true);
    rest.sort((one, other) => isTree(one) - isTree(other));
    return [
      ...makesRoom.flatMap((path) => this.removal(path)),
      ...(['tree', 'file', 'link'] as const).flatMap((kind) => this.arrivals(kind)),
      ...rest.flatMap((path) => this.removal(path)),
    ];
  }

  private arrivals(kind: Put['kind']): Step[] {
    return [...this.puts]
      .filter(([, put]) => put.kind === kind)
      .map(([to, { from }]): Step => {
        if (existing(this.root, from) === undefined) {
          throw permanent('cvmfs.tree_missing', `Nothing was unpacked for ${to}.`);
        }
        if (this.isReplaced(to)) return this.replacement(from, to);
        return { kind: 'move', from, to, ...this.modeOf(from) };
      });
  }

  private replacement(from: string, to: string): Step {
    const previous = this.fresh();
    linkSync(join(this.root, to), join(this.root, previous));
    return { kind: 'replace', from, to, previous };
  }

  private removal(path: string): Step[] {
    if (existing(this.root, path) === undefined) return [];
    const to = `${this.trash}/${this.workspace.split('/').at(-1) ?? ''}-${this.names++}`;
    return [{ kind: 'move', from: path, to, ...this.modeOf(path) }];
  }

  /** A link or file over another: that is one renaming, without a moment at which neither is there. */
  private isReplaced(path: string): boolean {
    const there = existing(this.root, path);
    return this.puts.get(path)?.kind !== 'tree' && there !== undefined && !there.isDirectory();
  }

  private modeOf(relative: string): { mode?: number } {
    const mode = directoryMode(existing(this.root, relative));
    return mode === undefined ? {} : { mode };
  }

  private refuseOverlap(relative: string): void {
    for (const other of [...this.puts.keys(), ...this.removals]) {
      if (other.startsWith(`${relative}/`) || relative.startsWith(`${other}/`)) {
        throw refused(relative, `the same transaction changes ${other}`);
      }
    }
  }
}
