import type { Resource } from '#contracts';
import { Anchor, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { resourceOfKind } from '../api/kinds.js';
import type { Stored } from '../api/resources.js';
import { type Field, fieldsFor } from '../forms/fields.js';
import { shownValue } from '../forms/shown-value.js';
import { valueAt } from '../forms/values.js';
import { type Fact, Facts } from '../parts/facts.js';
import { When } from '../parts/when.js';
import { placeOf } from './rights.js';

/** A resource as it is written, with what holds where nothing is written. */
export function ResourceFacts({
  resource,
  stored,
}: {
  readonly resource: Resource;
  readonly stored: Stored;
}) {
  const fields = fieldsFor(resource, stored.spec).filter(
    ({ path: [name] }) => name !== 'name' && name !== 'host',
  );
  return (
    <Stack gap="lg">
      <Facts facts={factsOf(fields, stored)} />
      {fields.map((field) =>
        field.control === 'group' ? (
          <section key={field.label}>
            <Title order={2} fz={16} mb={2}>
              {field.label}
            </Title>
            <Text fz="sm" c="dimmed" mb="sm">
              {field.help}
            </Text>
            <Facts facts={factsOf(field.fields, stored)} />
          </section>
        ) : null,
      )}
      <Text fz="sm" c="dimmed">
        Version {stored.version}, since <When at={stored.at} /> by {stored.by}
      </Text>
    </Stack>
  );
}

const factsOf = (fields: readonly Field[], stored: Stored): readonly Fact[] =>
  fields
    .filter(({ control }) => control !== 'group')
    .map((field) => ({ label: field.label, value: shown(field, stored) }));

function shown(field: Field, { spec }: Stored): ReactNode {
  const value = valueAt(spec, field.path);
  if (field.control === 'reference' && typeof value === 'string')
    return (
      <Anchor component={Link} to={placeOf(resourceOfKind(field.to), value)}>
        {value}
      </Anchor>
    );
  if (typeof value === 'string' && field.path.at(-1) === 'url' && /^https?:/.test(value))
    return (
      <Anchor href={value} rel="noreferrer" target="_blank">
        {value}
      </Anchor>
    );
  if (value === undefined && field.fallback !== undefined)
    return <span className="fallback">{shownValue(field.fallback)} (default)</span>;
  return shownValue(value);
}
