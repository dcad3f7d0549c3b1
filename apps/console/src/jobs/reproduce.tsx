import { Code, Group, Stack, Text, Title } from '@mantine/core';
import { CopyText } from '../parts/copy-button.js';

/** The command that runs the same elsewhere. */
export function Reproduce({ command }: { readonly command: string }) {
  return (
    <Stack component="section" gap="sm">
      <Group justify="space-between" gap="sm">
        <Title order={2} fz={18}>
          Reproduce locally
        </Title>
        <CopyText text={command} label="Copy the command" />
      </Group>
      <Text fz="sm" c="dimmed">
        In an empty directory of one&apos;s own machine: the same inputs, image, variables and steps, with
        CVMFS where the machine has it. What is secret, and what the grid gives a job besides, is not in it.
      </Text>
      <Code block className="prewrap reproduce" tabIndex={0} role="region" aria-label="Command">
        {command}
      </Code>
    </Stack>
  );
}
