import type { JobGroupWithAll } from '#api';
import { Code, Stack, Text, Title } from '@mantine/core';
import { bytes, seconds } from '../parts/amounts.js';
import { Facts } from '../parts/facts.js';
import { given } from './group-facts.js';

type Template = NonNullable<JobGroupWithAll['template']>;

/** What each job is: its steps, its image, and what it takes of a node. */
export function JobTemplate({ template }: { readonly template: Template }) {
  const { steps, image, resources, retries, outputs, environment } = template;
  const variables = Object.entries(environment);
  return (
    <Stack component="section" gap="md">
      <Title order={2} fz={18}>
        What each job is
      </Title>
      <Facts
        facts={[
          { label: 'Image', value: image === undefined ? 'the node as it is' : <Code>{image}</Code> },
          { label: 'Cores', value: resources.cpus },
          { label: 'Memory', value: bytes(resources.memoryBytes) },
          { label: 'Disk', value: bytes(resources.diskBytes) },
          { label: 'Wall time', value: seconds(resources.wallTimeSeconds) },
          { label: 'Further attempts', value: `${retries.most} at most` },
          ...given('Brings back', outputs.length === 0 ? undefined : outputs, (paths) => paths.join(', ')),
          ...given('Variables', variables.length === 0 ? undefined : variables, (all) =>
            all.map(([name]) => name).join(', '),
          ),
        ]}
      />
      {steps.map(({ name, script, when, timeoutSeconds }) => (
        <details key={name} className="details">
          <summary>
            Step <b>{name}</b>
            {when !== 'success' && `, ${when === 'failure' ? 'after a failure' : 'in any case'}`}
            {timeoutSeconds !== undefined && `, ${seconds(timeoutSeconds)} at most`}
          </summary>
          <Code block className="prewrap" mt="xs">
            {script}
          </Code>
        </details>
      ))}
      {steps.length === 0 && <Text c="dimmed">No steps.</Text>}
    </Stack>
  );
}
