import type { GridJobWithAll } from '#api';
import { Alert, Code, NativeSelect, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import type { StreamState } from '../api/events.js';
import { jobQuery } from '../api/jobs.js';
import { useLiveJobs } from '../api/live-jobs.js';
import { useAddressFilters } from '../parts/address-filters.js';
import { amount, bytes } from '../parts/amounts.js';
import { Facts } from '../parts/facts.js';
import { LiveBadge } from '../parts/live-badge.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { When } from '../parts/when.js';
import { Attempts } from './attempts.js';
import { BatchLog } from './batch-log.js';
import { Duration } from './duration.js';
import { Inputs, Outputs } from './files.js';
import { given, To } from './group-facts.js';
import { JobActions } from './job-actions.js';
import { JobTemplate } from './job-template.js';
import { LogPanel } from './log/log-panel.js';
import { Reproduce } from './reproduce.js';
import { isOver, JobStateBadge } from './states.js';

/** One job: its log as it grows, how it came to be what it is, what went in and what came out. */
export function JobPage() {
  const { id = '' } = useParams();
  const live = useLiveJobs(({ jobId }) => jobId === undefined || jobId === id);
  const { data, error, isPending, refetch } = useQuery(jobQuery(id, live));
  return (
    <Page
      key={id}
      title={data?.key ?? 'Job'}
      above={
        data ? { to: `/jobs/groups/${data.groupId}`, label: data.groupName } : { to: '/jobs', label: 'Jobs' }
      }
      actions={<Actions job={data} live={live} />}
    >
      {error && <ProblemAlert error={error} again={() => void refetch()} />}
      {isPending && <Loading what="the job" />}
      {data && <Body job={data} />}
    </Page>
  );
}

function Actions({ job, live }: { readonly job: GridJobWithAll | undefined; readonly live: StreamState }) {
  return (
    <>
      <LiveBadge state={live} />
      {job && (
        <JobActions
          of={{ kind: 'job', id: job.id }}
          isAllowed={job.mayChange === true}
          moving={isOver(job.state) || job.isCancelling ? 0 : 1}
          unsuccessful={isOver(job.state) && job.state !== 'succeeded' ? 1 : 0}
        />
      )}
    </>
  );
}

function Body({ job }: { readonly job: GridJobWithAll }) {
  const { value, set } = useAddressFilters();
  const { attempts, template, reason, state } = job;
  const attempt = attempts.find(({ number }) => String(number) === value('attempt')) ?? attempts.at(-1);
  return (
    <Stack gap="xl">
      {reason && (
        <Alert
          icon={<IconAlertTriangle />}
          color={state === 'failed' || state === 'lost' ? 'red' : 'blue'}
          title={`Why it is ${state}`}
          className="breakable"
        >
          <Text fz="sm">{reason.words}</Text>
          <Text fz="sm" mt={4}>
            <Code>{reason.fault}</Code>
          </Text>
        </Alert>
      )}
      <About job={job} />
      {attempts.length > 1 && (
        <NativeSelect
          label="Attempt"
          description="Whose log, outputs and batch log are shown"
          maw={320}
          data={attempts
            .toReversed()
            .map(({ number, state: how }) => ({ value: String(number), label: `${number}, ${how}` }))}
          value={String(attempt?.number)}
          onChange={(event) => set('attempt', event.currentTarget.value)}
        />
      )}
      {attempt && (
        <LogPanel key={`log ${attempt.id}`} attempt={attempt.id} knownBytes={attempt.logBytes ?? 0} />
      )}
      <Attempts attempts={attempts} />
      {attempt && <Inputs inputs={template.inputs} attempt={attempt} />}
      {attempt && <Outputs key={`outputs ${attempt.id}`} attempt={attempt} wanted={template.outputs} />}
      {attempt && <BatchLog key={`batch log ${attempt.id}`} attempt={attempt.id} />}
      {job.reproduce !== undefined && <Reproduce command={job.reproduce} />}
      <JobTemplate template={template} />
    </Stack>
  );
}

function About({ job }: { readonly job: GridJobWithAll }) {
  const { state, isCancelling, project, backend, node, queuedAt, startedAt, endedAt, variables } = job;
  return (
    <Facts
      facts={[
        { label: 'State', value: <JobStateBadge state={state} isCancelling={isCancelling} /> },
        { label: 'Project', value: <To path={`/projects/${project}`} name={project} /> },
        { label: 'Backend', value: <To path={`/backends/${backend}`} name={backend} /> },
        ...given('Node', node, (name) => name),
        ...given('Id in the batch system', job.batchId, (name) => name),
        { label: 'Queued', value: <When at={queuedAt} /> },
        ...given('Started', startedAt, (at) => <When at={at} />),
        ...given('Ended', endedAt, (at) => <When at={at} />),
        { label: 'Duration', value: <Duration job={job} /> },
        ...given('Log', job.logLines, (lines) => `${amount(lines)} lines, ${bytes(job.logBytes ?? 0)}`),
        ...given('Outputs', job.outputBytes, bytes),
        ...given('Exit status', job.exitCode, (code) => code),
        ...Object.entries(variables).map(([name, text]) => ({ label: name, value: <Code>{text}</Code> })),
      ]}
    />
  );
}
