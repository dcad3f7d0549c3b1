import { Accordion, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { FieldControl } from './field-control.js';
import type { Field } from './fields.js';
import { type Issue, issueAt, issueByName, type Spec, valueAt, withValue } from './values.js';

/** Fields of one specification; `onChange` is told the whole of it, whichever field changed. */
export interface FieldsBlockProps {
  readonly fields: readonly Field[];
  readonly spec: Spec;
  readonly onChange: (spec: Spec) => void;
  readonly issues: readonly Issue[];
  /** Fields that stand but cannot be changed here. */
  readonly locked: readonly string[];
}

/** Fields one below the other; a group of them can be folded away, and opens when something is said against it. */
export function FieldsBlock(props: FieldsBlockProps) {
  const { fields, spec, onChange, issues, locked } = props;
  const groups = fields.filter((field) => field.control === 'group');
  const inUse = groups.filter(
    ({ path }) => valueAt(spec, path) !== undefined || issueAt(issues, path) !== undefined,
  );
  const [opened, setOpened] = useState<readonly string[]>([]);
  const open = [...new Set([...opened, ...inUse.map(({ label }) => label)])];
  return (
    <Stack gap="md">
      {fields.map((field) =>
        field.control === 'group' ? null : (
          <FieldControl
            key={field.path.join('.')}
            field={field}
            value={valueAt(spec, field.path)}
            error={(field.control === 'yaml' ? issueByName : issueAt)(issues, field.path)}
            isDisabled={locked.includes(field.path.join('.'))}
            onChange={(value) => onChange(withValue(spec, field.path, value))}
          />
        ),
      )}
      {groups.length > 0 && (
        <Accordion multiple value={open} onChange={setOpened} variant="contained" order={3}>
          {groups.map((group) => (
            <Accordion.Item key={group.label} value={group.label}>
              <Accordion.Control>
                {group.label}
                <Text fz="sm" c="dimmed" component="span" display="block">
                  {group.help}
                </Text>
              </Accordion.Control>
              <Accordion.Panel>
                <FieldsBlock {...props} fields={group.fields} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
    </Stack>
  );
}
