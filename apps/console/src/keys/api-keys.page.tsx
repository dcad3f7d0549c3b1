import type { ApiKey, CreatedApiKey, Page as PageOf } from '#api';
import { Badge, Button, Group, Text } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/request.js';
import { useMe } from '../api/session.js';
import { Confirm } from '../parts/confirm.js';
import { DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { lazyPanel } from '../parts/lazy-panel.js';
import { Page } from '../parts/page.js';
import { Paged, rowsOf } from '../parts/paged.js';
import { said } from '../parts/said.js';
import { When } from '../parts/when.js';
import type { NewKeyPanelProps } from './new-key-panel.js';
import { ShownOnce } from './shown-once.js';

const queryKey = ['api-keys'] as const;

const NewKeyPanel = lazyPanel<NewKeyPanelProps>(async () => (await import('./new-key-panel.js')).NewKeyPanel);

/** Keys for programs: made, shown once, revoked. */
export function ApiKeysPage() {
  const queries = useQueryClient();
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<CreatedApiKey>();
  const mayMake = useMe()?.role !== 'reader';
  const list = useInfiniteQuery({
    queryKey,
    enabled: mayMake,
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      (await request<PageOf<ApiKey>>('/api/v1/api-keys', { query: { cursor: pageParam }, signal })).value,
    getNextPageParam: ({ next }) => next,
  });
  const make = mayMake && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      New API key
    </Button>
  );
  const readAnew = (): void => void queries.invalidateQueries({ queryKey });
  return (
    <Page
      title="API keys"
      about="What programs sign in with. Each has a role, and an end."
      actions={rowsOf(list).length > 0 && make}
    >
      {made && <ShownOnce made={made} onClose={() => setMade(undefined)} />}
      {mayMake ? (
        <Paged
          list={list}
          what="the API keys"
          empty={
            <Empty title="There is no API key yet" icon={IconKey} action={make}>
              Make one for each program, with no more right than it needs.
            </Empty>
          }
        >
          {(keys) => (
            <DataTable
              caption="API keys"
              rows={keys}
              keyOf={({ id }) => id}
              columns={[
                {
                  header: 'Name',
                  cell: ({ name }) => (
                    <Text component="span" fw={600}>
                      {name}
                    </Text>
                  ),
                },
                { header: 'Role', cell: (key) => <Right apiKey={key} /> },
                {
                  header: 'Made',
                  cell: ({ createdAt, createdBy }) => (
                    <>
                      <When at={createdAt} isRelative /> by {createdBy}
                    </>
                  ),
                },
                { header: 'Expires', cell: ({ expiresAt }) => <When at={expiresAt} isRelative /> },
                {
                  header: 'Last used',
                  cell: ({ lastUsedAt }) => (lastUsedAt ? <When at={lastUsedAt} isRelative /> : 'not yet'),
                },
                { header: 'Revoke', cell: (key) => <Revoke apiKey={key} onRevoked={readAnew} /> },
              ]}
            />
          )}
        </Paged>
      ) : (
        <Empty title="API keys are not for readers" icon={IconKey}>
          Ask an owner of your project, or an admin, for one.
        </Empty>
      )}
      <NewKeyPanel
        isOpen={isMaking}
        onClose={() => setMaking(false)}
        onMade={(created) => {
          setMade(created);
          readAnew();
        }}
      />
    </Page>
  );
}

function Right({ apiKey: { role, onlyProjects } }: { readonly apiKey: ApiKey }) {
  return (
    <Group gap={6}>
      <Badge color={role === 'admin' ? 'yellow' : 'harbour'}>{role}</Badge>
      {onlyProjects && (
        <Text component="span" fz="sm">
          {onlyProjects.join(', ')}
        </Text>
      )}
    </Group>
  );
}

function Revoke({
  apiKey: { id, name },
  onRevoked,
}: {
  readonly apiKey: ApiKey;
  readonly onRevoked: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const revoke = async (): Promise<void> => {
    await request(`/api/v1/api-keys/${encodeURIComponent(id)}`, { method: 'DELETE' });
    said(`The key ${name} is revoked.`);
    onRevoked();
  };
  return (
    <>
      <Button size="compact-sm" variant="default" aria-label={`Revoke ${name}`} onClick={() => setOpen(true)}>
        Revoke
      </Button>
      <Confirm
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={`Revoke the key ${name}?`}
        confirmLabel="Revoke it"
        onConfirm={revoke}
      >
        It ends within a second, everywhere. Programs that use it are refused from then on.
      </Confirm>
    </>
  );
}
