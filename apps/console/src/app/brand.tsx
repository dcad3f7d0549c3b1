import { Group, Text } from '@mantine/core';

/** The sign and the name. */
export function Brand({ size = 28 }: { readonly size?: number }) {
  return (
    <Group gap={10} wrap="nowrap">
      <img src="/slipway.svg" width={size} height={size} alt="" />
      <Text component="span" fw={700} fz={size * 0.68} lh={1}>
        Slipway
      </Text>
    </Group>
  );
}
