import type { GridJob, JobGroup } from '#api';
import { Badge } from '@mantine/core';
import {
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconGhost,
  IconHandStop,
  IconHourglass,
  IconPlayerPlay,
  IconSend,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';

/** What the ledger says of a job, as `GET /api/v1/jobs` tells it. */
export type JobState = GridJob['state'];

/** What a group is as a whole: `active` until the last of its jobs has ended. */
export type GroupState = JobGroup['state'];

interface Look {
  /** Of its badge. */
  readonly color: string;
  /** Of its part of a bar. */
  readonly bar: string;
  readonly icon: ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: boolean }>;
}

/** In the order in which a job goes through them. */
export const jobLooks: Readonly<Record<JobState, Look>> = {
  queued: { color: 'gray', bar: 'gray.5', icon: IconClock },
  submitted: { color: 'gray', bar: 'gray.6', icon: IconSend },
  waiting: { color: 'yellow', bar: 'yellow.6', icon: IconHourglass },
  running: { color: 'blue', bar: 'blue.6', icon: IconPlayerPlay },
  succeeded: { color: 'green', bar: 'green.7', icon: IconCircleCheck },
  failed: { color: 'red', bar: 'red.7', icon: IconCircleX },
  cancelled: { color: 'gray', bar: 'gray.7', icon: IconBan },
  lost: { color: 'orange', bar: 'orange.7', icon: IconGhost },
};

const groupLooks: Readonly<Record<GroupState, Look>> = {
  active: jobLooks.running,
  succeeded: jobLooks.succeeded,
  failed: jobLooks.failed,
  cancelled: jobLooks.cancelled,
  refused: { ...jobLooks.failed, icon: IconHandStop },
};

/** Every state there is, as the type demands. */
export const jobStates = Object.keys(jobLooks) as readonly JobState[];

/** What a list of groups can be narrowed to, in the order in which the filter offers them. */
export const groupStates = Object.keys(groupLooks) as readonly GroupState[];

/** Nothing comes after them unless somebody wants it again. #contracts says it too, beside schemas that no list needs. */
const over: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'cancelled', 'lost']);

/** Whether the job has ended, as far as is known now. */
export const isOver = (state: JobState): boolean => over.has(state);

/** That somebody asked for the end is said beside the state, until the job is over. */
export interface JobStateBadgeProps {
  readonly state: JobState;
  /** Somebody asked for its end. */
  readonly isCancelling?: boolean;
}

/** A job's state by colour, sign and word. */
export function JobStateBadge({ state, isCancelling = false }: JobStateBadgeProps) {
  const isEnding = isCancelling && !isOver(state);
  return <StateBadge look={jobLooks[state]} words={isEnding ? `${state}, being cancelled` : state} />;
}

/** A group's state by colour, sign and word. */
export function GroupStateBadge({ state }: { readonly state: GroupState }) {
  return <StateBadge look={groupLooks[state]} words={state} />;
}

function StateBadge({ look: { color, icon: Icon }, words }: { readonly look: Look; readonly words: string }) {
  return (
    <Badge color={color} leftSection={<Icon size={13} stroke={2} aria-hidden />}>
      {words}
    </Badge>
  );
}
