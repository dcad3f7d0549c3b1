import type { Source } from './domain/source.js';

/** Injection token of the `ByteBudget` that all bodies share. */
export const BODY_BUDGET = Symbol('relay:body-budget');

/** Injection token of the `SourceBook`. */
export const SOURCES = Symbol('relay:sources');

/** The sources as they are now. A delivery is handled by the source that was found for it, whatever changes meanwhile. */
export interface SourceBook {
  /** Undefined where there is no such source; `unavailable` where that cannot be told, or it cannot verify anything. */
  find(name: string): Source | 'unavailable' | undefined;
  readonly names: readonly string[];
  /** Reads what can be read anew. When it is not valid this throws, and the sources stay as they were. */
  reload(): void;
}
