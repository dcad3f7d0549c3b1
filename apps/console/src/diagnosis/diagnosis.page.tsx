import type { Diagnosis } from '#api';
import { Alert, Badge, Button, Group, Paper, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { request } from '../api/request.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { ProblemAlert } from '../parts/problem-alert.js';

/** Whether all that Slipway stands on is well, and what to do where it is not. */
export function DiagnosisPage() {
  const { data, error, isPending, isRefetching, refetch } = useQuery({
    queryKey: ['diagnosis'],
    queryFn: async ({ signal }) => (await request<Diagnosis>('/api/v1/diagnosis', { signal })).value,
  });
  const ill = data?.items.filter(({ ok }) => !ok).length ?? 0;
  return (
    <Page
      title="Diagnosis"
      about="Whether all that Slipway stands on is well, and what to do where it is not."
      actions={
        <Button variant="default" onClick={() => void refetch()} loading={isRefetching}>
          Check again
        </Button>
      }
    >
      {error && <ProblemAlert error={error} again={() => void refetch()} />}
      {isPending && <Loading what="the diagnosis" />}
      {data && (
        <>
          <Alert
            role="status"
            mb="md"
            color={ill === 0 ? 'green' : 'red'}
            icon={ill === 0 ? <IconCircleCheck /> : <IconAlertTriangle />}
            title={
              ill === 0
                ? 'All is well'
                : ill === 1
                  ? 'One thing needs somebody'
                  : `${ill} things need somebody`
            }
          />
          <ul className="cards">
            {data.items
              .toSorted((a, b) => Number(a.ok) - Number(b.ok))
              .map((item) => (
                <Finding key={item.name} item={item} />
              ))}
          </ul>
        </>
      )}
    </Page>
  );
}

function Finding({ item: { name, ok, detail, advice } }: { readonly item: Diagnosis['items'][number] }) {
  return (
    <Paper component="li" p="md">
      <Group wrap="nowrap" align="flex-start">
        <ThemeIcon color={ok ? 'green' : 'red'} variant="light" radius="xl" aria-hidden>
          {ok ? <IconCheck size={16} /> : <IconAlertTriangle size={16} />}
        </ThemeIcon>
        <div className="grow">
          <Group gap="xs" justify="space-between">
            <Text fw={600} className="breakable">
              {name}
            </Text>
            <Badge color={ok ? 'green' : 'red'}>{ok ? 'well' : 'not well'}</Badge>
          </Group>
          <Text fz="sm" className="breakable">
            {detail}
          </Text>
          {advice !== undefined && (
            <Text fz="sm" mt={4} fw={600} className="breakable">
              {advice}
            </Text>
          )}
        </div>
      </Group>
    </Paper>
  );
}
