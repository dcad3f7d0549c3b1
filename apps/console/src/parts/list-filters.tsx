import { NativeSelect, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useAddressFilters } from './address-filters.js';

/** The placeholder says in what one can search, which differs from list to list. */
export interface TextFilterProps {
  readonly label: string;
  readonly placeholder: string;
}

/** What a list is searched for by text; it stands in the address as `q`. */
export function TextFilter({ label, placeholder }: TextFilterProps) {
  const { value, set } = useAddressFilters();
  return (
    <TextInput
      type="search"
      label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} />}
      flex="2 1 200px"
      value={value('q')}
      onChange={(event) => set('q', event.currentTarget.value)}
    />
  );
}

/** The state that alone is listed; it stands in the address as `state`. */
export function StateFilter({ states }: { readonly states: readonly string[] }) {
  const { value, set } = useAddressFilters();
  return (
    <NativeSelect
      label="State"
      flex="1 1 130px"
      data={[{ value: '', label: 'all' }, ...states]}
      value={value('state')}
      onChange={(event) => set('state', event.currentTarget.value)}
    />
  );
}
