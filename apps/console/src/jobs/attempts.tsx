import type { JobAttempt } from '#api';
import { Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { bytes, seconds } from '../parts/amounts.js';
import { When } from '../parts/when.js';
import { Duration } from './duration.js';
import { JobStateBadge } from './states.js';

/** How each attempt came to be what it is: its states, who said so, and why. */
export function Attempts({ attempts }: { readonly attempts: readonly JobAttempt[] }) {
  return (
    <Stack component="section" gap="md">
      <Title order={2} fz={18}>
        {attempts.length === 1 ? 'How it went' : `Its ${attempts.length} attempts, the latest first`}
      </Title>
      {attempts.toReversed().map((attempt) => (
        <Paper key={attempt.id} p={{ base: 'md', sm: 'lg' }} component="article">
          <Group justify="space-between" gap="xs" mb="sm">
            <Title order={3} fz={16}>
              Attempt {attempt.number}
            </Title>
            <JobStateBadge state={attempt.state} />
          </Group>
          <About attempt={attempt} />
          <Timeline attempt={attempt} />
        </Paper>
      ))}
    </Stack>
  );
}

function About({ attempt }: { readonly attempt: JobAttempt }) {
  const { batchId, node, exitCode, signal, usage } = attempt;
  const facts = [
    batchId !== undefined && `${batchId} in the batch system`,
    node !== undefined && `on ${node}`,
    exitCode !== undefined && `exit status ${exitCode}`,
    signal !== undefined && `ended by signal ${signal}`,
    usage?.cpuSeconds !== undefined && `${seconds(usage.cpuSeconds)} of CPU`,
    usage?.memoryBytes !== undefined && `${bytes(usage.memoryBytes)} of memory`,
    usage?.diskBytes !== undefined && `${bytes(usage.diskBytes)} of disk`,
  ].filter((fact) => fact !== false);
  return (
    <Text fz="sm" mb="sm" className="breakable">
      {attempt.startedAt !== undefined && (
        <>
          ran for <Duration job={attempt} />
          {facts.length > 0 && ' · '}
        </>
      )}
      {facts.join(' · ')}
    </Text>
  );
}

const sayers: Readonly<Record<string, string>> = {
  worker: 'the job itself',
  backend: 'the batch system',
  submitter: 'the submitter',
  ledger: 'the ledger',
};

function Timeline({ attempt: { timeline } }: { readonly attempt: JobAttempt }) {
  return (
    <ol className="timeline" aria-label="States in the order in which they came to be">
      {timeline.map(({ at, state, saidBy, reason }) => (
        <li key={`${at} ${state}`}>
          <Group gap="xs">
            <JobStateBadge state={state} />
            <Text component="span" fz="sm" c="dimmed">
              <When at={at} isPrecise /> · said by {sayers[saidBy] ?? saidBy}
            </Text>
          </Group>
          {reason && (
            <Text fz="sm" mt={4} className="breakable">
              <Code>{reason.fault}</Code> {reason.words}
            </Text>
          )}
        </li>
      ))}
    </ol>
  );
}
