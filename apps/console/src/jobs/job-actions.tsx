import { TextInput } from '@mantine/core';
import { IconBan, IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { cancelJobs, type Concerned, jobsKey, retryJobs } from '../api/jobs.js';
import { amount } from '../parts/amounts.js';
import { AskedButton } from '../parts/asked-button.js';
import { said } from '../parts/said.js';

/** A button is there only where it would do something: counts of 0 leave none. */
export interface JobActionsProps {
  readonly of: Concerned;
  /** Whether who looks may; others do not see it. */
  readonly isAllowed: boolean;
  /** How many jobs are not over. */
  readonly moving: number;
  /** How many ended without success. */
  readonly unsuccessful: number;
}

/** Cancel what is not over, try again what did not succeed; each is asked for once more. */
export function JobActions({ of, isAllowed, moving, unsuccessful }: JobActionsProps) {
  if (!isAllowed) return null;
  return (
    <>
      <Retry of={of} count={unsuccessful} />
      <Cancel of={of} count={moving} />
    </>
  );
}

interface ActionProps {
  readonly of: Concerned;
  /** How many jobs it would change. */
  readonly count: number;
}

function Retry({ of, count }: ActionProps) {
  const heard = useHeard();
  const isGroup = of.kind === 'group';
  return (
    <AskedButton
      label="Try again"
      icon={<IconRefresh size={16} />}
      isOffered={count > 0}
      title={isGroup ? `Try ${jobs(count)} again?` : 'Try it again?'}
      confirmLabel="Try again"
      isDangerous={false}
      onConfirm={async () => {
        const changed = await retryJobs(of);
        heard(`${jobs(changed.jobs)} will be tried again.`);
      }}
    >
      {isGroup
        ? 'Those that failed, were cancelled or lost get a further attempt each; what succeeded stays as it is.'
        : 'It gets a further attempt; what was kept of those before stays.'}
    </AskedButton>
  );
}

function Cancel({ of, count }: ActionProps) {
  const heard = useHeard();
  const [reason, setReason] = useState('');
  const isGroup = of.kind === 'group';
  return (
    <AskedButton
      label={isGroup ? 'Cancel jobs' : 'Cancel it'}
      icon={<IconBan size={16} />}
      isOffered={count > 0}
      title={isGroup ? `Cancel ${jobs(count)}?` : 'Cancel it?'}
      confirmLabel={isGroup ? 'Cancel the jobs' : 'Cancel the job'}
      onConfirm={async () => {
        const changed = await cancelJobs(of, reason.trim());
        heard(`${jobs(changed.jobs)} will be ended.`);
      }}
    >
      What waits does not begin any more, and what runs is ended; its log is kept as far as it came.
      <TextInput
        mt="md"
        label="Why"
        description="For people; may stay empty"
        maxLength={1_000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </AskedButton>
  );
}

const jobs = (count: number): string => (count === 1 ? 'one job' : `${amount(count)} jobs`);

/** To be called once the API has heard it: says so, and has the jobs read anew. */
function useHeard(): (words: string) => void {
  const queries = useQueryClient();
  return (words) => {
    said(words);
    void queries.invalidateQueries({ queryKey: jobsKey });
  };
}
