import { Button, TextInput } from '@mantine/core';
import { IconBan, IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { cancelJobs, type Concerned, jobsKey, retryJobs } from '../api/jobs.js';
import { amount } from '../parts/amounts.js';
import { Confirm } from '../parts/confirm.js';
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

const jobs = (count: number): string => (count === 1 ? 'one job' : `${amount(count)} jobs`);

/** Cancel what is not over, try again what did not succeed; each is asked for once more. */
export function JobActions({ of, isAllowed, moving, unsuccessful }: JobActionsProps) {
  const queries = useQueryClient();
  const [asks, setAsks] = useState<'cancel' | 'retry'>();
  const [reason, setReason] = useState('');
  if (!isAllowed) return null;
  const heard = (words: string): void => {
    said(words);
    void queries.invalidateQueries({ queryKey: jobsKey });
  };
  return (
    <>
      {unsuccessful > 0 && (
        <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={() => setAsks('retry')}>
          Try again
        </Button>
      )}
      {moving > 0 && (
        <Button variant="default" leftSection={<IconBan size={16} />} onClick={() => setAsks('cancel')}>
          Cancel {of.kind === 'group' ? 'jobs' : 'it'}
        </Button>
      )}
      <Confirm
        isOpen={asks === 'retry'}
        onClose={() => setAsks(undefined)}
        title={of.kind === 'group' ? `Try ${jobs(unsuccessful)} again?` : 'Try it again?'}
        confirmLabel="Try again"
        isDangerous={false}
        onConfirm={async () => {
          const changed = await retryJobs(of);
          heard(`${jobs(changed.jobs)} will be tried again.`);
        }}
      >
        {of.kind === 'group'
          ? 'Those that failed, were cancelled or lost get a further attempt each; what succeeded stays as it is.'
          : 'It gets a further attempt; what was kept of those before stays.'}
      </Confirm>
      <Confirm
        isOpen={asks === 'cancel'}
        onClose={() => setAsks(undefined)}
        title={of.kind === 'group' ? `Cancel ${jobs(moving)}?` : 'Cancel it?'}
        confirmLabel={of.kind === 'group' ? 'Cancel the jobs' : 'Cancel the job'}
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
      </Confirm>
    </>
  );
}
