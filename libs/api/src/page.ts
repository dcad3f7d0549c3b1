import { resourceName } from '#contracts';
import { z } from 'zod';

/** What every list takes. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('entries at most'),
  cursor: z.string().min(1).max(1_000).optional().describe("what the page before said under 'next'"),
});

/** A page of a list, checked: `limit` has its default, `cursor` is read by the list that made it. */
export type PageQuery = z.output<typeof pageQuery>;

/** A point in time as RFC 3339 writes it, with its offset. */
export const time = z.iso.datetime({ offset: true });

/** What a list of resources takes besides. */
export const resourceQuery = pageQuery.extend({
  q: z.string().min(1).max(255).optional().describe('a part of the name'),
  project: resourceName.optional().describe('what belongs to this project'),
  at: time.optional().describe('as it was then'),
});

/** The query of `GET /<plural>`, checked; with `at` the list comes from the history. */
export type ResourceQuery = z.output<typeof resourceQuery>;

/** One page of a list. */
export const pageOf = <S extends z.ZodType>(item: S) =>
  z.object({
    items: z.array(item),
    next: z.string().optional().describe('the cursor of the next page; absent on the last'),
  });

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}
