import type { CreatedApiKey } from '#api';
import { Alert, Button, Code, Group, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { CopyText } from '../parts/copy-button.js';

/** A new key, the one time that it can be seen. */
export function ShownOnce({ made, onClose }: { readonly made: CreatedApiKey; readonly onClose: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <Alert
      ref={box}
      tabIndex={-1}
      color="green"
      mb="lg"
      icon={<IconKey />}
      title={`The key ${made.name}: copy it now, it is shown this once`}
    >
      <Group gap="sm">
        <Code block flex="1 1 260px" className="breakable prewrap">
          {made.key}
        </Code>
        <CopyText text={made.key} label="Copy the key" />
        <Button size="xs" variant="subtle" onClick={onClose}>
          I have it
        </Button>
      </Group>
      <Text fz="sm" mt="xs">
        A program sends it as <Code>Authorization: Bearer …</Code>, or signs in with{' '}
        <Code>slipway login</Code>.
      </Text>
    </Alert>
  );
}
