import type { DeadLetterWithPayload } from '#api';
import { Code, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from 'react-router';
import { deadLetterQuery } from '../api/dead-letters.js';
import { Facts } from '../parts/facts.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { When } from '../parts/when.js';
import { DeadLetterActions } from './dead-letter-actions.js';
import { Why } from './dead-letters.page.js';

/** One message that was given up: why, and what it says. */
export function DeadLetterPage() {
  const { queue = '', id = '' } = useParams();
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useQuery(deadLetterQuery(queue, id));
  return (
    <Page
      key={`${queue} ${id}`}
      title={data?.type?.replace(/^org\.slipway\./, '') ?? 'Dead letter'}
      about={data?.subject}
      above={{ to: '/dead-letters', label: 'Dead letters' }}
      actions={
        data && <DeadLetterActions letter={{ queue, id }} onDone={() => void navigate('/dead-letters')} />
      }
    >
      {error && <ProblemAlert error={error} again={() => void refetch()} />}
      {isPending && <Loading what="the message" />}
      {data && <Body letter={data} />}
    </Page>
  );
}

function Body({ letter }: { readonly letter: DeadLetterWithPayload }) {
  const { id, queue, at, attempt, source, correlationId, payload } = letter;
  return (
    <Stack gap="xl">
      <Facts
        facts={[
          { label: 'Why', value: <Why letter={letter} /> },
          { label: 'Queue', value: queue },
          { label: 'Given up', value: at === undefined ? '—' : <When at={at} /> },
          { label: 'Attempts', value: attempt },
          { label: 'Said by', value: source ?? '—' },
          { label: 'Id', value: <Code className="breakable">{id}</Code> },
          { label: 'Correlation id', value: <Code className="breakable">{correlationId ?? '—'}</Code> },
        ]}
      />
      <section>
        <Title order={2} fz={18} mb="md">
          What it says
        </Title>
        {payload === undefined ? (
          <Text c="dimmed">Its payload is shown to admins only.</Text>
        ) : (
          <Code block className="prewrap">
            {typeof payload === 'string' ? payload : JSON.stringify(payload, null, 2)}
          </Code>
        )}
      </section>
    </Stack>
  );
}
