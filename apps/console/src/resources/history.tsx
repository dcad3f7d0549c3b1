import type { Resource } from '#contracts';
import { Badge, Group, Stack, Table, Text, Timeline } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { historyQuery, type Past } from '../api/resources.js';
import { labelOf } from '../forms/fields.js';
import { shownValue } from '../forms/shown-value.js';
import { differences } from '../forms/values.js';
import { Loading } from '../parts/loading.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { When } from '../parts/when.js';

/** Every state there was, the newest first, with what each change changed. */
export function History({ resource, name }: { readonly resource: Resource; readonly name: string }) {
  const { data, error, isPending, refetch } = useQuery(historyQuery(resource, name));
  if (error) return <ProblemAlert error={error} again={() => void refetch()} />;
  if (isPending) return <Loading what="the history" />;
  const states = data.toSorted((a, b) => b.revision - a.revision);
  return (
    <Timeline active={states.length} bulletSize={14} lineWidth={2}>
      {states.map((state, index) => (
        <Timeline.Item key={state.revision}>
          <State state={state} before={states[index + 1]} />
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

function State({ state, before }: { readonly state: Past; readonly before: Past | undefined }) {
  const changes = state.gone ? [] : differences(before?.spec ?? {}, state.spec ?? {});
  return (
    <Stack gap={6}>
      <Group gap="xs">
        <Text fw={600}>Version {state.version}</Text>
        {state.gone && <Badge color="red">removed</Badge>}
        {!before && !state.gone && <Badge color="green">made</Badge>}
        <Text fz="sm" c="dimmed">
          <When at={state.at} /> by {state.by}
        </Text>
      </Group>
      {before && changes.length > 0 && (
        <Table.ScrollContainer minWidth={300} type="native">
          <Table withRowBorders={false} verticalSpacing={2} horizontalSpacing={0} fz="sm">
            <Table.Tbody>
              {changes.map(({ path, before: was, after }) => (
                <Table.Tr key={path.join('.')}>
                  <Table.Th scope="row" w="34%" fw={500} pr="md" className="breakable">
                    {path.map(labelOf).join(' › ')}
                  </Table.Th>
                  <Table.Td className="breakable">
                    <Text component="del" fz="sm" c="dimmed">
                      {shownValue(was)}
                    </Text>{' '}
                    → <ins className="plain-ins">{shownValue(after)}</ins>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}
