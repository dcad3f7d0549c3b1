import { Anchor, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconExternalLink, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { logAddress } from '../../api/job-log.js';
import { amount, bytes } from '../../parts/amounts.js';
import { ProblemAlert } from '../../parts/problem-alert.js';
import { type Folds, LogChunk } from './log-lines.js';
import type { Chunk } from './log-window.js';
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
  const chunks = useMemo(() => (turn < 0 ? [] : window.chunks), [window, turn]);
  const { folded, fold } = useFolds(chunks);
  const frame = useFrameAtEnd(turn);
  const isEmpty = chunks.length === 0 && window.unfinished === '';
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
          {state !== 'complete' && (
            <Button
              size="xs"
              variant="default"
              leftSection={isHeld ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
              onClick={() => setHeld(!isHeld)}
            >
              {isHeld ? 'Go on' : 'Hold'}
            </Button>
          )}
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
        </Group>
      </Group>
      {error !== undefined && <ProblemAlert error={error} title="The log cannot be read" />}
      <Paper className="log-paper">
        {(skippedBytes > 0 || window.dropped > 0) && (
          <Text fz="sm" className="log-notice">
            The beginning is not shown here
            {skippedBytes > 0 && `: ${bytes(skippedBytes)}`}
            {window.dropped > 0 && `${skippedBytes > 0 ? ' and' : ':'} ${amount(window.dropped)} lines`}.{' '}
            <Anchor href={logAddress(attempt)} target="_blank" rel="noreferrer" className="log-notice-link">
              Open all of it
            </Anchor>
          </Text>
        )}
        <div ref={frame} className="log" tabIndex={0} role="region" aria-label="Log">
          {isEmpty && (
            <div className="log-line log-none">Nothing was written {state === 'complete' ? '' : 'yet'}</div>
          )}
          {chunks.map((chunk) => (
            <LogChunk key={chunk.id} chunk={chunk} folded={folded} onFold={fold} />
          ))}
          {window.unfinished !== '' && <div className="log-line">{window.unfinished}</div>}
        </div>
      </Paper>
    </Stack>
  );
}

function useFolds(chunks: readonly Chunk[]) {
  const [folds, setFolds] = useState<Folds>(new Map());
  const fold = useCallback(
    (section: number, isFolded: boolean) => setFolds((old) => new Map(old).set(section, isFolded)),
    [],
  );
  const sections = chunks.flatMap(({ lines }) => lines.flatMap(({ section }) => section ?? []));
  const names = sections
    .filter(({ id, isFolded }) => folds.get(id) ?? isFolded)
    .map(({ id }) => id)
    .join(' ');
  // The same set as long as the same are folded, so that nothing is drawn anew for it.
  const folded = useMemo(() => new Set(names.split(' ').filter(Boolean).map(Number)), [names]);
  return { folded, fold };
}

/** Stays at the end as long as somebody has not scrolled away from it. */
function useFrameAtEnd(turn: number) {
  const frame = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    const { current } = frame;
    if (!current) return undefined;
    const onScroll = (): void => {
      isAtEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < 40;
    };
    current.addEventListener('scroll', onScroll, { passive: true });
    return () => current.removeEventListener('scroll', onScroll);
  }, []);
  useLayoutEffect(() => {
    if (frame.current && isAtEnd.current && turn >= 0) frame.current.scrollTop = frame.current.scrollHeight;
  }, [turn]);
  return frame;
}
