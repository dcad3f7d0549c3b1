import type { GridJob } from '#api';
import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { amount, bytes } from '../parts/amounts.js';
import { DataTable } from '../parts/data-table.js';
import { When } from '../parts/when.js';
import { Duration } from './duration.js';
import { JobStateBadge } from './states.js';

/** The caption is for those who hear the table; rows are shown in the order they come in. */
export interface JobTableProps {
  readonly caption: string;
  readonly rows: readonly GridJob[];
  /** Of more than one group: says of each where it belongs. */
  readonly isOfMany?: boolean;
}

/** Jobs, one in a row. */
export function JobTable({ caption, rows, isOfMany = false }: JobTableProps) {
  return (
    <DataTable
      caption={caption}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        { header: 'Job', cell: (job) => <Which job={job} isOfMany={isOfMany} /> },
        { header: 'State', cell: (job) => <How job={job} /> },
        { header: 'Start', cell: ({ startedAt }) => maybe(startedAt) },
        { header: 'End', cell: ({ endedAt }) => maybe(endedAt) },
        { header: 'Duration', cell: (job) => <Duration job={job} />, isNumeric: true },
        { header: 'Log lines', cell: ({ logLines }) => orDash(logLines, amount), isNumeric: true },
        { header: 'Outputs', cell: ({ outputBytes }) => orDash(outputBytes, bytes), isNumeric: true },
      ]}
    />
  );
}

const maybe = (at: string | undefined) => (at === undefined ? '—' : <When at={at} />);
const orDash = (count: number | undefined, words: (count: number) => string): string =>
  count === undefined ? '—' : words(count);

function Which({ job, isOfMany }: { readonly job: GridJob; readonly isOfMany: boolean }) {
  const { id, groupId, key, attempt, project, backend } = job;
  return (
    <>
      <Anchor component={Link} to={`/jobs/${id}`} className="result-link breakable">
        {key}
      </Anchor>
      {attempt > 1 && (
        <Text fz="xs" c="dimmed">
          attempt {attempt}
        </Text>
      )}
      {isOfMany && (
        <Text fz="xs" c="dimmed" className="breakable">
          {project} · {backend} ·{' '}
          <Anchor component={Link} to={`/jobs/groups/${groupId}`} fz="xs" underline="always">
            its group
          </Anchor>
        </Text>
      )}
    </>
  );
}

function How({ job: { state, isCancelling, reason } }: { readonly job: GridJob }) {
  return (
    <>
      <JobStateBadge state={state} isCancelling={isCancelling} />
      {reason && (
        <Text fz="xs" mt={4} maw={260} lineClamp={2} title={reason.words}>
          {reason.words}
        </Text>
      )}
    </>
  );
}
