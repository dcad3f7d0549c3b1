import { Box, Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** A name with its value. Labels are unique among the facts of one thing. */
export interface Fact {
  readonly label: string;
  readonly value: ReactNode;
}

/** What is known of one thing: names and values. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <Paper p={{ base: 'md', sm: 'lg' }}>
      <dl className="facts">
        {facts.map(({ label, value }) => (
          <Box key={label}>
            <Text component="dt" fz="sm" c="dimmed">
              {label}
            </Text>
            <Text component="dd" m={0} className="breakable">
              {value}
            </Text>
          </Box>
        ))}
      </dl>
    </Paper>
  );
}
