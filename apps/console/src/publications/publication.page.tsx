import type { PublicationWithHistory } from '#api';
import { Alert, Anchor, Badge, Code, Group, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconHourglass } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { publicationQuery, useLivePublications } from '../api/publications.js';
import { amount, bytes, seconds } from '../parts/amounts.js';
import { Facts } from '../parts/facts.js';
import { LiveBadge } from '../parts/live-badge.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { When } from '../parts/when.js';
import { imageName } from './image-name.js';
import { PublicationActions } from './publication-actions.js';
import { StateBadge } from './state-badge.js';
import { StepProgress, stepWords } from './step-progress.js';

/** One image on its way: each step with its bytes and files, why not yet, what came of it, all that was heard. */
export function PublicationPage() {
  const { id = '' } = useParams();
  const live = useLivePublications();
  const { data, error, isPending, refetch } = useQuery(publicationQuery(id));
  return (
    <Page
      key={id}
      title={data ? imageName(data) : 'Publication'}
      above={{ to: '/publications', label: 'Publications' }}
      actions={
        <>
          <LiveBadge state={live} />
          {data && <PublicationActions publication={data} />}
        </>
      }
    >
      {error && <ProblemAlert error={error} again={() => void refetch()} />}
      {isPending && <Loading what="the publication" />}
      {data && <Body publication={data} />}
    </Page>
  );
}

function Body({ publication }: { readonly publication: PublicationWithHistory }) {
  const { state, whyNotYet, failure, steps, history } = publication;
  const isMoving = state === 'publishing' || state === 'unpublishing';
  return (
    <Stack gap="xl">
      {whyNotYet !== undefined && (
        <Alert
          icon={<IconHourglass />}
          color={state === 'failed' ? 'red' : 'blue'}
          title="Why not yet"
          className="breakable"
        >
          {whyNotYet}
        </Alert>
      )}
      {failure !== undefined && (
        <Alert
          icon={<IconAlertTriangle />}
          color="red"
          title={`${stepWords(failure.step)} failed`}
          className="breakable"
        >
          <Text fz="sm">{failure.reason}</Text>
          <Text fz="sm" mt={4}>
            <Code>{failure.code}</Code> in attempt {failure.attempt}, <When at={failure.at} isRelative />
            {publication.retryAt !== undefined && (
              <>
                ; tried again <When at={publication.retryAt} isRelative />
              </>
            )}
          </Text>
        </Alert>
      )}
      <About publication={publication} />
      {steps.length > 0 && (
        <section>
          <Title order={2} fz={18} mb="md">
            Steps of attempt {Math.max(publication.attempt, 1)}
          </Title>
          <Paper p={{ base: 'md', sm: 'lg' }}>
            <Stack gap="md">
              {steps.map((progress, index) => (
                <StepProgress
                  key={`${progress.step} ${progress.startedAt}`}
                  progress={progress}
                  isCurrent={isMoving && index === steps.length - 1}
                />
              ))}
            </Stack>
          </Paper>
        </section>
      )}
      {history.length > 0 && <Heard history={history} />}
    </Stack>
  );
}

function Heard({ history }: Pick<PublicationWithHistory, 'history'>) {
  return (
    <section>
      <Title order={2} fz={18} mb="md">
        What was heard of it
      </Title>
      <Paper className="table-frame">
        <Table fz="sm">
          <Table.Tbody>
            {history.map(({ id, at, event, text }) => (
              <Table.Tr key={id}>
                <Table.Td w="1%" className="nowrap">
                  <When at={at} />
                </Table.Td>
                <Table.Td className="breakable">
                  {text}
                  <Text component="span" fz="xs" c="dimmed" display="block">
                    {event}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Paper>
    </section>
  );
}

function About({ publication }: { readonly publication: PublicationWithHistory }) {
  const { state, cvmfsRepository, digest, tags, platform, result, at, removedAfter } = publication;
  return (
    <Facts
      facts={[
        { label: 'State', value: <StateBadge state={state} /> },
        {
          label: 'CVMFS repository',
          value: (
            <Anchor component={Link} to={`/cvmfs-repositories/${encodeURIComponent(cvmfsRepository)}`}>
              {cvmfsRepository}
            </Anchor>
          ),
        },
        { label: 'Tags', value: <Tags tags={tags} /> },
        ...(digest === undefined
          ? []
          : [{ label: 'Digest', value: <Code className="breakable">{digest}</Code> }]),
        ...(platform === undefined ? [] : [{ label: 'Platform', value: platform }]),
        { label: 'Last heard of', value: <When at={at} /> },
        ...(removedAfter === undefined ? [] : [{ label: 'Tree goes', value: <When at={removedAfter} /> }]),
        ...(result === undefined
          ? []
          : [
              { label: 'Path', value: <Code className="breakable">{result.path}</Code> },
              {
                label: 'Files',
                value: `${amount(result.files)} in ${amount(result.directories)} directories`,
              },
              { label: 'Size', value: bytes(result.bytes) },
              { label: 'Took', value: seconds(result.seconds.total) },
            ]),
      ]}
    />
  );
}

function Tags({ tags }: { readonly tags: readonly string[] }) {
  if (tags.length === 0) return 'none';
  return (
    <Group gap={6}>
      {tags.map((tag) => (
        <Badge key={tag} color="gray">
          {tag}
        </Badge>
      ))}
    </Group>
  );
}
