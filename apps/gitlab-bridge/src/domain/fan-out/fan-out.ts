import type { groupItem } from '#contracts';
import type { z } from 'zod';
import type { AllowedFailures } from './allowed-failures.js';

/** One job of the group: what sets it apart. */
export type Item = z.output<typeof groupItem>;

/** Where the list comes from. What is in the repository, or has to be run, only a job on the grid can tell. */
export type Over =
  | { readonly kind: 'list'; readonly items: readonly Item[] }
  | { readonly kind: 'file'; readonly path: string; readonly format: ListFormat }
  | { readonly kind: 'command'; readonly script: string };

/** How a list is written. `text`: one item a line; `words`: one line, with spaces or commas between. */
export type ListFormat = 'text' | 'words' | 'json' | 'yaml' | 'csv' | 'tsv';

/** What the SLIPWAY_FANOUT… variables of a CI job ask for. */
export interface FanOut {
  readonly over: Over;
  /** How many of its jobs may run at once; absent: as many as the backend and the project's limits take. */
  readonly runningAtOnce?: number | undefined;
  readonly allowedFailures: AllowedFailures;
  /** Whether the rest is cancelled as soon as more failed than may. */
  readonly stopEarly: boolean;
  /** Commands that begin each of its shells: that of the list's command, of each item, and of the merging. */
  readonly setUp?: string | undefined;
  /** A script that runs over what the others brought back, once all of them are done. */
  readonly merge?: string | undefined;
  /** What becomes artifacts of the CI job: what each item brought back and what the merging made, or the latter alone. */
  readonly artifacts: 'all' | 'merged';
}

/** Why it cannot be done, for the trace: what is wrong, and what would be right. */
export interface Refusal {
  readonly refused: string;
}

/** Tells a refusal from what was asked for: both are answers, and only the trace differs. */
export const isRefusal = (value: object): value is Refusal => 'refused' in value;
