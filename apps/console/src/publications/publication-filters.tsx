import { NativeSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { listQuery } from '../api/resources.js';
import { useAddressFilters } from '../parts/address-filters.js';
import { StateFilter, TextFilter } from '../parts/list-filters.js';
import { publicationStates } from './state-badge.js';

const cvmfsRepositories = { kind: 'cvmfs_repository', plural: 'cvmfs-repositories' } as const;

/** What the address asks of publications; empty is no filter. What is being typed counts once it rests. */
export function usePublicationFilter() {
  const { value } = useAddressFilters();
  const [q] = useDebouncedValue(value('q'), 250);
  return { q, state: value('state'), cvmfsRepository: value('cvmfsRepository') };
}

/** Narrows the list by image, state and place; each stands in the address. */
export function PublicationFilters() {
  const { value, set } = useAddressFilters();
  const repositories = useInfiniteQuery(listQuery(cvmfsRepositories, {}));
  const names = (repositories.data?.pages ?? []).flatMap(({ items }) => items.map(({ name }) => name));
  return (
    <>
      <TextFilter label="Image" placeholder="a part of its name" />
      <StateFilter states={publicationStates} />
      <NativeSelect
        label="CVMFS repository"
        flex="1 1 180px"
        data={[{ value: '', label: 'all' }, ...names]}
        value={value('cvmfsRepository')}
        onChange={(event) => set('cvmfsRepository', event.currentTarget.value)}
      />
    </>
  );
}
