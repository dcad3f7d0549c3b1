import type { Publication, PublishBody } from '#api';
import { Button, Checkbox } from '@mantine/core';
import { IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { publishNow, unpublish } from '../api/publications.js';
import { useMe } from '../api/session.js';
import { Confirm } from '../parts/confirm.js';
import { said } from '../parts/said.js';
import { imageName } from './image-name.js';

/** Publish it (again) now; take it off CVMFS. */
export function PublicationActions({ publication }: { readonly publication: Publication }) {
  const queries = useQueryClient();
  const [asks, setAsks] = useState<'publish' | 'unpublish'>();
  const [isNow, setNow] = useState(false);
  const me = useMe();
  if (!me || me.role === 'reader') return null;
  const name = imageName(publication);
  const heard = (words: string): void => {
    said(words);
    void queries.invalidateQueries({ queryKey: ['publications'] });
  };
  return (
    <>
      <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={() => setAsks('publish')}>
        Publish now
      </Button>
      <Button variant="default" leftSection={<IconCloudOff size={16} />} onClick={() => setAsks('unpublish')}>
        Unpublish
      </Button>
      <Confirm
        isOpen={asks === 'publish'}
        onClose={() => setAsks(undefined)}
        title="Publish it now?"
        confirmLabel="Publish it"
        isDangerous={false}
        onConfirm={async () => {
          await publishNow(wishOf(publication));
          heard(`${name} is on its way.`);
        }}
      >
        The publisher takes it up as soon as it has its turn; what is there already is not done twice.
      </Confirm>
      <Confirm
        isOpen={asks === 'unpublish'}
        onClose={() => setAsks(undefined)}
        title="Take it off CVMFS?"
        confirmLabel="Unpublish it"
        onConfirm={async () => {
          await unpublish(publication.id, isNow);
          heard(`${name} is being taken off CVMFS.`);
        }}
      >
        {name} and all its tags go. The tree itself stays for the repository&apos;s grace period, for the jobs
        that still run from it.
        <Checkbox
          mt="md"
          label="At once: jobs that run from it lose their files"
          checked={isNow}
          onChange={(event) => setNow(event.currentTarget.checked)}
        />
      </Confirm>
    </>
  );
}

function wishOf({ registry, repository, tags: [tag], digest, cvmfsRepository }: Publication): PublishBody {
  return { registry, repository, cvmfsRepository, ...(tag === undefined ? { digest } : { tag }) };
}
