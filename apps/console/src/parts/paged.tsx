import type { Page } from '#api';
import { Button } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loading } from './loading.js';
import { ProblemAlert } from './problem-alert.js';

/** A list of the API as React Query holds it: the pages that were read, and the way to the next. */
export type PagedList<T> = UseInfiniteQueryResult<InfiniteData<Page<T>>>;

/** What was read of a list so far. */
export const rowsOf = <T,>({ data }: PagedList<T>): readonly T[] =>
  data?.pages.flatMap(({ items }) => items) ?? [];

/** `children` is called only with rows; an error is shown above those that were read before. */
export interface PagedProps<T> {
  readonly list: PagedList<T>;
  /** What it is a list of, for those who hear that it is being read. */
  readonly what: string;
  /** Stands there when nothing is in it. */
  readonly empty: ReactNode;
  /** Shows what was read. */
  readonly children: (rows: readonly T[]) => ReactNode;
}

/** A list that is read page by page: what went wrong, that it is being read, that it is empty, and the way on. */
export function Paged<T>({ list, what, empty, children }: PagedProps<T>) {
  const rows = rowsOf(list);
  return (
    <>
      {list.error && <ProblemAlert error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Loading what={what} />}
      {list.isSuccess && rows.length === 0 && empty}
      {rows.length > 0 && children(rows)}
      {list.hasNextPage && (
        <Button
          variant="default"
          mx="auto"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}
