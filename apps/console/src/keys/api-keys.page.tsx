import type { CreatedApiKey } from '#api';
import { Button } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { apiKeysQuery } from '../api/api-keys.js';
import { useMe } from '../api/session.js';
import { Empty } from '../parts/empty.js';
import { lazyPanel } from '../parts/lazy-panel.js';
import { Page } from '../parts/page.js';
import { Paged, rowsOf } from '../parts/paged.js';
import { KeyTable } from './key-table.js';
import type { NewKeyPanelProps } from './new-key-panel.js';
import { ShownOnce } from './shown-once.js';

const heading = { title: 'API keys', about: 'What programs sign in with. Each has a role, and an end.' };

const NewKeyPanel = lazyPanel<NewKeyPanelProps>(async () => (await import('./new-key-panel.js')).NewKeyPanel);

/** Keys for programs: made, shown once, revoked. */
export function ApiKeysPage() {
  return useMe()?.role === 'reader' ? <NotForReaders /> : <Keys />;
}

function NotForReaders() {
  return (
    <Page {...heading}>
      <Empty title="API keys are not for readers" icon={IconKey}>
        Ask an owner of your project, or an admin, for one.
      </Empty>
    </Page>
  );
}

function Keys() {
  const queries = useQueryClient();
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<CreatedApiKey>();
  const list = useInfiniteQuery(apiKeysQuery);
  const readAnew = (): void => void queries.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
  const make = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      New API key
    </Button>
  );
  const none = (
    <Empty title="There is no API key yet" icon={IconKey} action={make}>
      Make one for each program, with no more right than it needs.
    </Empty>
  );
  return (
    <Page {...heading} actions={rowsOf(list).length > 0 && make}>
      {made && <ShownOnce made={made} onClose={() => setMade(undefined)} />}
      <Paged list={list} what="the API keys" empty={none}>
        {(keys) => <KeyTable keys={keys} onRevoked={readAnew} />}
      </Paged>
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
