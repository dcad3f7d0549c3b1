import { Button, Code, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { batchLogQuery } from '../api/attempts.js';
import { Loading } from '../parts/loading.js';
import { ProblemAlert } from '../parts/problem-alert.js';

/** What the batch system itself keeps of an attempt; it is asked when somebody wants it. */
export function BatchLog({ attempt }: { readonly attempt: string }) {
  const [isWanted, setWanted] = useState(false);
  const { data, error, isLoading, isFetching, refetch } = useQuery(batchLogQuery(attempt, isWanted));
  return (
    <Stack component="section" gap="sm">
      <div>
        <Title order={2} fz={18}>
          The batch system&apos;s own log
        </Title>
        <Text fz="sm" c="dimmed">
          What it says of this attempt: where it matched, why it waits, what it was held for.
        </Text>
      </div>
      {error && <ProblemAlert error={error} title="There is none to see" />}
      {isLoading && <Loading what="the batch system's log" />}
      {data !== undefined && (
        <Code
          block
          className="prewrap batch-log"
          tabIndex={0}
          role="region"
          aria-label="The batch system's own log"
        >
          {data === '' ? 'It is empty.' : data}
        </Code>
      )}
      <Button
        size="xs"
        variant="default"
        w="fit-content"
        loading={isFetching}
        onClick={() => (isWanted ? void refetch() : setWanted(true))}
      >
        {isWanted ? 'Ask again' : 'Ask the batch system'}
      </Button>
    </Stack>
  );
}
