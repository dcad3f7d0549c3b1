import { Anchor, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconExternalLink, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { logAddress } from '../../api/job-log.js';
import { amount, bytes } from '../../parts/amounts.js';
import { ProblemAlert } from '../../parts/problem-alert.js';
import { LogFrame } from './log-frame.js';
import { type LogState, useLog } from './use-log.js';

const words: Readonly<Record<LogState, string>> = {
  connecting: 'Connecting',
  following: 'Following',
  held: 'Held',
  complete: 'Complete',
  away: 'Not live',
};

/** Another attempt begins its log anew; a larger `knownBytes` alone changes nothing that is shown. */
export interface LogPanelProps {
  readonly attempt: string;
  /** How long it is by now. */
  readonly knownBytes: number;
}

/** The end of an attempt's log as it grows, with its colours and sections. */
export function LogPanel({ attempt, knownBytes }: LogPanelProps) {
  const [isHeld, setHeld] = useState(false);
  const { state, window, turn, skippedBytes, error } = useLog(attempt, knownBytes, isHeld);
  return (
    <Stack component="section" gap="sm">
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <Title order={2} fz={18}>
            Log
          </Title>
          <Text component="span" fz="sm" c="dimmed" role="status" aria-label="State of the log">
            {words[state]}
          </Text>
        </Group>
        <Group gap="sm">
          {state !== 'complete' && <HoldButton isHeld={isHeld} onChange={setHeld} />}
          <WholeLog attempt={attempt} />
        </Group>
      </Group>
      {error !== undefined && <ProblemAlert error={error} title="The log cannot be read" />}
      <Paper className="log-paper">
        <NotShown attempt={attempt} skippedBytes={skippedBytes} droppedLines={window.dropped} />
        <LogFrame window={window} turn={turn} isComplete={state === 'complete'} />
      </Paper>
    </Stack>
  );
}

function HoldButton({
  isHeld,
  onChange,
}: {
  readonly isHeld: boolean;
  readonly onChange: (isHeld: boolean) => void;
}) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={isHeld ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
      onClick={() => onChange(!isHeld)}
    >
      {isHeld ? 'Go on' : 'Hold'}
    </Button>
  );
}

function WholeLog({ attempt }: Pick<LogPanelProps, 'attempt'>) {
  return (
    <Button
      size="xs"
      variant="default"
      component="a"
      href={logAddress(attempt)}
      target="_blank"
      rel="noreferrer"
      leftSection={<IconExternalLink size={15} />}
    >
      Whole log
    </Button>
  );
}

interface NotShownProps extends Pick<LogPanelProps, 'attempt'> {
  /** Before the first byte that was read. */
  readonly skippedBytes: number;
  /** Read, and let go for later ones. */
  readonly droppedLines: number;
}

function NotShown({ attempt, skippedBytes, droppedLines }: NotShownProps) {
  const missing = [
    ...(skippedBytes > 0 ? [bytes(skippedBytes)] : []),
    ...(droppedLines > 0 ? [`${amount(droppedLines)} lines`] : []),
  ];
  if (missing.length === 0) return null;
  return (
    <Text fz="sm" className="log-notice">
      The beginning is not shown here: {missing.join(' and ')}.{' '}
      <Anchor href={logAddress(attempt)} target="_blank" rel="noreferrer" className="log-notice-link">
        Open all of it
      </Anchor>
    </Text>
  );
}
