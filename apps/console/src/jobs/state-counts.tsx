import type { JobGroup } from '#api';
import { Group, Progress, Text, UnstyledButton } from '@mantine/core';
import { amount } from '../parts/amounts.js';
import { isOver, jobLooks, type JobState, jobStates } from './states.js';

type Counted = Pick<JobGroup, 'jobs' | 'states'>;

/** How many jobs are over, whatever came of them. */
export const endedOf = ({ states }: Counted): number =>
  jobStates.reduce((sum, state) => sum + (isOver(state) ? (states[state] ?? 0) : 0), 0);

const present = ({ states }: Counted): readonly JobState[] =>
  jobStates.filter((state) => (states[state] ?? 0) > 0);

/** What is over stands first, so that the bar fills from the left. */
const barOrder: readonly JobState[] = [
  'succeeded',
  'failed',
  'lost',
  'cancelled',
  'running',
  'waiting',
  'submitted',
  'queued',
];

/** A group as lists have it suffices. `label` is what the bar is called for those who hear it. */
export interface StateBarProps {
  readonly group: Counted;
  readonly label: string;
  readonly size?: 'sm' | 'xl';
}

/** How far a group is, each state with its share; those who do not see it hear the counts. */
export function StateBar({ group, label, size = 'xl' }: StateBarProps) {
  const ended = endedOf(group);
  const counts = present(group).map((state) => `${amount(group.states[state] ?? 0)} ${state}`);
  return (
    <Progress.Root
      size={size}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={group.jobs}
      aria-valuenow={ended}
      aria-valuetext={[`${amount(ended)} of ${amount(group.jobs)} ended`, ...counts].join(', ')}
    >
      {barOrder
        .filter((state) => (group.states[state] ?? 0) > 0)
        .map((state) => (
          <Progress.Section
            key={state}
            withAria={false}
            value={((group.states[state] ?? 0) / group.jobs) * 100}
            color={jobLooks[state].bar}
          />
        ))}
    </Progress.Root>
  );
}

/** The choice is the caller's to keep; choosing the chosen state again tells an empty text. */
export interface StateLegendProps {
  readonly group: Counted;
  /** The state whose jobs are shown alone; empty: all. */
  readonly chosen: string;
  readonly onChoose: (state: string) => void;
}

/** The counts in words; each shows the jobs of that state alone, and all of them once more. */
export function StateLegend({ group, chosen, onChoose }: StateLegendProps) {
  return (
    <Group gap="xs" role="group" aria-label="Jobs per state">
      {present(group).map((state) => {
        const { icon: Icon } = jobLooks[state];
        const isChosen = chosen === state;
        return (
          <UnstyledButton
            key={state}
            className="state-count"
            aria-pressed={isChosen}
            onClick={() => onChoose(isChosen ? '' : state)}
          >
            <Icon size={16} stroke={1.8} aria-hidden />
            <Text component="span" fz="sm" fw={650} className="numeric">
              {amount(group.states[state] ?? 0)}
            </Text>
            <Text component="span" fz="sm">
              {state}
            </Text>
          </UnstyledButton>
        );
      })}
    </Group>
  );
}
