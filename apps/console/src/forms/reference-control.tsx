import type { ResourceKind } from '#contracts';
import { Autocomplete } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { resourceOfKind } from '../api/kinds.js';
import { listQuery } from '../api/resources.js';
import type { ControlProps } from './control-props.js';

/** `to` is the kind whose names are offered; one that does not exist may be typed, and the API says so. */
export interface ReferenceControlProps extends ControlProps {
  readonly to: ResourceKind;
}

/** The name of another resource: typed, or taken from those that the API finds. */
export function ReferenceControl({ to, value, onChange, field, error, isDisabled }: ReferenceControlProps) {
  const text = typeof value === 'string' ? value : '';
  const [asked] = useDebouncedValue(text, 200);
  const { data } = useInfiniteQuery(listQuery(resourceOfKind(to), { q: asked }));
  const names = (data?.pages ?? []).flatMap(({ items }) => items.map(({ name }) => name));
  return (
    <Autocomplete
      label={field.label}
      description={field.help}
      required={field.isRequired}
      disabled={isDisabled}
      error={error}
      value={text}
      onChange={(next) => onChange(next === '' ? undefined : next)}
      data={[...new Set(names)]}
      limit={20}
      data-path={field.path.join('.')}
    />
  );
}
