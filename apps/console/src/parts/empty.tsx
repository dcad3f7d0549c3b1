import { Box, Paper, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';

/** The action is what would change it, e.g. the button that makes the first one. */
export interface EmptyProps {
  readonly title: string;
  /** What it is for, and what to do. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
  readonly icon?: ComponentType<{ size?: number; stroke?: number }>;
}

/** Where there is nothing yet: says why, and what to do. */
export function Empty({ title, children, action, icon: Icon = IconInbox }: EmptyProps) {
  return (
    <Paper p="xl">
      <Stack align="center" gap="sm" ta="center" maw={520} mx="auto" py="md">
        <ThemeIcon variant="light" size={52} radius="xl" aria-hidden>
          <Icon size={26} stroke={1.5} />
        </ThemeIcon>
        <Title order={2} fz={18}>
          {title}
        </Title>
        <Text c="dimmed" component="div">
          {children}
        </Text>
        {action && <Box mt="xs">{action}</Box>}
      </Stack>
    </Paper>
  );
}
