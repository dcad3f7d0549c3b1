import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useAnnounce } from '../app/announcer.js';
import { type LiveEvent, type StreamState, useEvents } from './events.js';
import { jobEvents } from './job-events.js';
import { jobsKey } from './jobs.js';

/** Ten thousand jobs begin at once: what is shown is read anew so often at most, in milliseconds. */
const pauseMs = 1_000;

/** What every event of a job or a group tells of it. */
interface Told {
  readonly groupId?: string;
  readonly jobId?: string;
  readonly name?: string;
  readonly outcome?: string;
}

/**
 * Reads the shown jobs anew when something was heard of them; says how a group ended to those who do not see it.
 *
 * @param isShown whether an event concerns what is shown; all do unless told
 */
export function useLiveJobs(isShown: (told: Told) => boolean = () => true): StreamState {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const readAnew = (): void => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: jobsKey });
    }, pauseMs);
  };
  const onEvent = ({ name, data }: LiveEvent): void => {
    const told = data as Told;
    if (!isShown(told)) return;
    if (name === 'group.finished') announce(`${told.name ?? 'A group'} ${told.outcome ?? 'ended'}.`);
    readAnew();
  };
  return useEvents({ types: 'job.*,group.*', names: jobEvents, onEvent, onGap: readAnew });
}
