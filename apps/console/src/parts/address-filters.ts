import { useSearchParams } from 'react-router';

/** Setting one replaces the entry in the browser's history: going back leaves the list, not one letter. */
export interface AddressFilters {
  /** What a filter is set to; empty where it is not. */
  readonly value: (name: string) => string;
  readonly set: (name: string, text: string) => void;
}

/** Filters that stand in the address, so that what they leave can be sent to somebody. */
export function useAddressFilters(): AddressFilters {
  const [search, setSearch] = useSearchParams();
  return {
    value: (name) => search.get(name) ?? '',
    set: (name, text) =>
      setSearch(
        (old) => {
          if (text === '') old.delete(name);
          else old.set(name, text);
          return old;
        },
        { replace: true },
      ),
  };
}
