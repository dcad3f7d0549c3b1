import type { Resource } from '#contracts';
import { Button, Stack, Title } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { resourceOfPlural } from '../api/kinds.js';
import { resourceQuery, type Stored } from '../api/resources.js';
import { useMe } from '../api/session.js';
import { NotFoundPage } from '../app/not-found.page.js';
import { CredentialSecrets } from '../credentials/credential-secrets.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { Deliveries } from '../subscriptions/deliveries.js';
import { History } from './history.js';
import { titleOf } from './list.page.js';
import { RemoveButton } from './remove-button.js';
import { ResourceFacts } from './resource-facts.js';
import { ResourcePanel } from './resource-panel.js';
import { mayOffer } from './rights.js';
import { PastNotice, TimeTravel, useAt } from './time-travel.js';

/** One thing of any kind: what is written, what it was, and how to change it. */
export function ResourceDetailPage() {
  const { plural = '', name = '' } = useParams();
  const resource = resourceOfPlural(plural);
  return resource ? <Detail key={`${plural}/${name}`} resource={resource} name={name} /> : <NotFoundPage />;
}

function Detail({ resource, name }: { readonly resource: Resource; readonly name: string }) {
  const at = useAt();
  const { data, error, isPending, refetch } = useQuery(resourceQuery(resource, name, at));
  const stored = data?.value;
  return (
    <Page
      title={name}
      above={{ to: `/${resource.plural}`, label: titleOf(resource.plural) }}
      actions={
        <>
          <TimeTravel />
          {stored && at === undefined && <Changes resource={resource} stored={stored} />}
        </>
      }
    >
      <PastNotice />
      {error && <ProblemAlert error={error} again={() => void refetch()} />}
      {isPending && <Loading what={name} />}
      {stored && (
        <Stack gap="xl">
          <ResourceFacts resource={resource} stored={stored} />
          {resource.kind === 'credential' && <CredentialSecrets stored={stored} isPast={at !== undefined} />}
          {resource.kind === 'subscription' && at === undefined && <Deliveries subscription={name} />}
          <section>
            <Title order={2} fz={18} mb="md">
              History
            </Title>
            <History resource={resource} name={name} />
          </section>
        </Stack>
      )}
    </Page>
  );
}

/** What can be done to it, for those who may. */
export function Changes({ resource, stored }: { readonly resource: Resource; readonly stored: Stored }) {
  const navigate = useNavigate();
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  if (!mayOffer(me, resource)) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => setOpen(true)}>
        Change
      </Button>
      <RemoveButton
        resource={resource}
        stored={stored}
        onRemoved={() => void navigate(`/${resource.plural}`)}
      />
      <ResourcePanel resource={resource} stored={stored} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  );
}
